import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';

const { begin, record, redo, undo } = await import('../../web/edit/history.js');
const { addPanel, addRow, moveRow, movePanel, panelsOfRow, placeOf, removePanel, resizePanel, settle, stepPanel, toggleRow } = await import('../../web/edit/grid.js');
const { getPath, moved, rebase, setPath } = await import('../../web/edit/paths.js');
const { changePanel, editable, freeId, modern, newBoard, newPanel, sameButPlaced, viewOf, viewOfPanel } = await import('../../web/edit/model.js');
const { plainExport, sharedExport } = await import('../../web/edit/export.js');
const { applies, withOption } = await import('../../web/edit/options/form.js');
const { groupsOf, overridable, panelTypes } = await import('../../web/edit/options/types.js');
const { linesOfMappings, mappingsOfLines } = await import('../../web/edit/options/lists.js');
const { switchType } = await import('../../web/edit/switch-type.js');
const { Draft, draftOf, forgetDraft } = await import('../../web/edit/draft.js');
const { freeRefId, namesVariables } = await import('../../web/edit/queries.js');
const { nameProblem, withQueryText } = await import('../../web/edit/variable-settings.js');
const { sharedPath } = await import('../../web/edit/share.js');
const { readDashboard } = await import('../../web/edit/import-page.js');
const { withChoices } = await import('../../web/edit/save.js');
const { boardsOf } = await import('../../web/edit/playlist-player.js');
const { transformationForms } = await import('../../web/edit/transformation-forms.js');
const { loadTransformations, transform } = await import('../../web/data/transformations.js');
const { isKnown } = await import('../../web/dashboard/drawings.js');

const panel = (/** @type {number} */ id, /** @type {number} */ x, /** @type {number} */ y, w = 12, h = 8, more = {}) => ({ id, type: 'stat', gridPos: { x, y, w, h }, ...more });
const row = (/** @type {number} */ id, /** @type {number} */ y, more = {}) => ({ id, type: 'row', gridPos: { x: 0, y, w: 24, h: 1 }, panels: [], ...more });
/** @param {any[]} panels */
const places = (panels) => panels.map((one) => { const { x, y, w, h } = placeOf(one); return [one.id, x, y, w, h].join(' '); });

// What was changed, and back again.

test('a change is taken back and made again', () => {
    let history = record(record(begin('a'), 'b', 'to b'), 'c', 'to c');
    history = undo(history);
    assert.equal(history.present, 'b');
    assert.equal(history.future[0].label, 'to c');
    history = undo(undo(history));
    assert.deepEqual([history.present, history.past.length], ['a', 0]);
    history = redo(redo(redo(history)));
    assert.deepEqual([history.present, history.future.length], ['c', 0]);
});

test('a new change ends what could be made again', () => {
    const history = record(undo(record(begin('a'), 'b', 'to b')), 'd', 'to d');
    assert.deepEqual([history.present, history.future.length, redo(history).present], ['d', 0, 'd']);
});

test('what is typed at one go is one step; another field and a pause begin a new one', () => {
    let history = record(begin(''), 'h', 'title', { key: 'title', now: 1000 });
    history = record(history, 'he', 'title', { key: 'title', now: 1500 });
    assert.equal(history.past.length, 1);
    history = record(history, 'he!', 'text', { key: 'text', now: 1600 });
    history = record(history, 'he!!', 'text', { key: 'text', now: 9000 });
    assert.deepEqual(history.past.map((one) => one.value), ['', 'he', 'he!']);
    assert.equal(undo(record(undo(history), 'x', 'text', { key: 'text', now: 9001 })).present, 'he!');
});

test('the same value again is no step, and old steps are forgotten', () => {
    let history = begin(0);
    assert.equal(record(history, 0, 'nothing'), history);
    for (let value = 1; value <= 300; value++) history = record(history, value, 'more');
    assert.deepEqual([history.past.length, history.past[0].value], [200, 100]);
});

// The grid.

test('panels fall upwards and keep their order', () => {
    assert.deepEqual(places(settle([panel(1, 0, 5), panel(2, 12, 9), panel(3, 0, 30)])), ['1 0 0 12 8', '2 12 0 12 8', '3 0 8 12 8']);
});

test('a panel moved to a side pushes down what stands there', () => {
    assert.deepEqual(places(movePanel([panel(1, 0, 0), panel(2, 12, 0)], 1, 6, 0)), ['1 6 0 12 8', '2 12 8 12 8']);
});

test('a panel passes the one below when its edge passes the middle of it, and not before', () => {
    const panels = [panel(1, 0, 0), panel(2, 0, 8)];
    assert.deepEqual(places(movePanel(panels, 1, 0, 3)), ['1 0 0 12 8', '2 0 8 12 8']);
    assert.deepEqual(places(movePanel(panels, 1, 0, 5)), ['2 0 0 12 8', '1 0 8 12 8']);
    assert.deepEqual(places(movePanel(panels, 2, 0, 3)), ['2 0 0 12 8', '1 0 8 12 8']);
});

test('a panel stays inside the grid, and a move that changes nothing gives the same panels', () => {
    const panels = [panel(1, 0, 0), panel(2, 12, 0)];
    assert.deepEqual(places(movePanel(panels, 2, 40, -3)), places(panels));
    assert.ok(movePanel(panels, 2, 12, 0).every((one, index) => one === panels[index]));
    assert.equal(movePanel(panels, 77, 0, 0), panels);
});

test('keys move past the neighbour, of whatever size both are', () => {
    for (const heights of [[8, 8], [2, 20], [20, 2], [5, 3]]) {
        const panels = settle([panel(1, 0, 0, 12, heights[0]), panel(2, 0, heights[0], 12, heights[1])]);
        assert.deepEqual(stepPanel(panels, 1, 'down').map((one) => one.id), [2, 1], `down past ${heights}`);
        assert.deepEqual(stepPanel(panels, 2, 'up').map((one) => one.id), [2, 1], `up past ${heights}`);
        assert.deepEqual(places(stepPanel(panels, 1, 'up')), places(panels));
        assert.deepEqual(places(stepPanel(panels, 2, 'down')), places(panels));
    }
});

test('a panel is resized within the grid and pushes others away', () => {
    const panels = [panel(1, 0, 0), panel(2, 12, 0), panel(3, 0, 8)];
    assert.deepEqual(places(resizePanel(panels, 1, 14, 4)), ['1 0 0 14 4', '3 0 4 12 8', '2 12 4 12 8']);
    assert.deepEqual(places(resizePanel(panels, 2, 99, 0)), ['1 0 0 12 8', '2 12 0 12 2', '3 0 8 12 8']);
});

test('no way of moving makes panels overlap or leaves gaps above them', () => {
    let seed = 7;
    const random = (/** @type {number} */ most) => (seed = (seed * 1103515245 + 12345) % 2147483648) % most;
    for (let round = 0; round < 200; round++) {
        let panels = /** @type {any[]} */ ([]);
        for (let id = 1; id <= 8; id++) panels.push(id % 4 === 0 ? row(id, id * 3) : panel(id, random(20), random(30), 1 + random(12), 1 + random(9)));
        panels = settle(panels);
        for (let step = 0; step < 6; step++) {
            const id = 1 + random(8);
            panels = [movePanel(panels, id, random(24), random(40)), resizePanel(panels, id, random(26), random(12)), stepPanel(panels, id, 'down'), moveRow(panels, id, 1), removePanel(panels, 90)][random(5)];
            assert.equal(panels.length, 8);
            const filled = new Set();
            for (const { x, y, w, h } of panels.map(placeOf)) for (let line = y; line < y + h; line++) for (let column = x; column < x + w; column++) {
                assert.ok(column < 24 && !filled.has(`${column} ${line}`), 'two panels on one place');
                filled.add(`${column} ${line}`);
            }
            for (const { x, y, w } of panels.map(placeOf)) assert.ok(y === 0 || Array.from({ length: w }, (_, at) => filled.has(`${x + at} ${y - 1}`)).some(Boolean), 'a panel hangs in the air');
        }
    }
});

test('a new panel stands at the top, a copy beside or below the first', () => {
    assert.deepEqual(places(addPanel([panel(1, 0, 0)], panel(2, 5, 5))), ['2 0 0 12 8', '1 0 8 12 8']);
    assert.deepEqual(places(addPanel([panel(1, 0, 0), panel(3, 0, 8)], panel(2, 0, 0), 1)), ['1 0 0 12 8', '2 12 0 12 8', '3 0 8 12 8']);
    assert.deepEqual(places(addPanel([panel(1, 0, 0, 24), panel(3, 0, 8)], panel(2, 0, 0, 24), 1)), ['1 0 0 24 8', '2 0 8 24 8', '3 0 16 12 8']);
});

test('a row takes its panels in when it is folded and gives them back', () => {
    const panels = settle([panel(1, 0, 0), row(2, 8), panel(3, 0, 9), panel(4, 12, 9), row(5, 17), panel(6, 0, 18)]);
    assert.deepEqual(panelsOfRow(panels, panels[1]).map((one) => one.id), [3, 4]);
    const folded = toggleRow(panels, 2);
    assert.deepEqual(places(folded), ['1 0 0 12 8', '2 0 8 24 1', '5 0 9 24 1', '6 0 10 12 8']);
    const kept = folded.find((one) => one.id === 2);
    assert.deepEqual([kept?.collapsed, kept?.panels?.map((one) => one.id)], [true, [3, 4]]);
    assert.deepEqual(places(toggleRow(folded, 2)), places(panels));
});

test('rows change places with all their panels; what stands above them stays', () => {
    const panels = settle([panel(1, 0, 0), row(2, 8), panel(3, 0, 9), row(4, 17), panel(5, 0, 18)]);
    assert.deepEqual(moveRow(panels, 4, -1).map((one) => one.id), [1, 4, 5, 2, 3]);
    assert.equal(moveRow(panels, 2, -1), panels);
    assert.deepEqual(addRow(panels, 9).map((one) => one.id), [1, 2, 3, 4, 5, 9]);
});

test('a row goes with its panels or without them, and a panel inside a folded row goes too', () => {
    const panels = settle([row(2, 0), panel(3, 0, 1), row(4, 9)]);
    assert.deepEqual(removePanel(panels, 2).map((one) => one.id), [3, 4]);
    assert.deepEqual(removePanel(panels, 2, true).map((one) => one.id), [4]);
    const folded = toggleRow(panels, 2);
    assert.deepEqual(removePanel(folded, 2).map((one) => one.id), [3, 4]);
    assert.deepEqual(removePanel(folded, 2, true).map((one) => one.id), [4]);
    assert.deepEqual(removePanel(folded, 3)[0].panels, []);
});

// Parts of JSON.

test('a change copies the way to its place and nothing else', () => {
    const before = { a: { b: [1, { c: 2 }] }, other: {} };
    const after = setPath(before, ['a', 'b', 1, 'c'], 3);
    assert.deepEqual(after, { a: { b: [1, { c: 3 }] }, other: {} });
    assert.equal(after.other, before.other);
    assert.equal(before.a.b[1].c, 2);
    assert.equal(setPath(before, 'a.b', before.a.b), before);
    assert.deepEqual(setPath({ a: 1, b: 2 }, 'a', undefined), { b: 2 });
    assert.deepEqual(setPath({}, 'a.b.c', 1), { a: { b: { c: 1 } } });
    assert.equal(getPath(before, 'a.toString'), undefined);
    assert.deepEqual(moved([1, 2, 3], 2, -1), [1, 3, 2]);
});

test('two changes of one state are both made', () => {
    const base = { a: { x: 1, y: 1 }, list: [1] };
    const first = setPath(base, 'a.x', 2);
    assert.deepEqual(rebase(base, setPath(base, 'a.y', 3), first), { a: { x: 2, y: 3 }, list: [1] });
    assert.deepEqual(rebase(base, setPath(base, 'a.x', undefined), first), { a: { y: 1 }, list: [1] });
    assert.equal(rebase(base, base, first), first);
});

// The model.

test('what is not edited stays as it was read', () => {
    const raw = { title: 'T', uid: 'u', future: [1], panels: [panel(1, 0, 0, 12, 8, { unknown: { deep: 1 } })] };
    assert.deepEqual(editable(raw), raw);
    const draft = new Draft(raw, {});
    draft.change(changePanel(draft.model, 1, (one) => ({ ...one, title: 'New' })), 'title');
    assert.deepEqual(draft.model, { ...raw, panels: [{ ...raw.panels[0], title: 'New' }] });
    draft.undo();
    assert.equal(draft.dirty, false);
});

test('panels without ids and places get some; stored clones of a repeated panel go', () => {
    const made = editable({ panels: [{ type: 'stat' }, { id: 4, type: 'text' }, { id: 4, type: 'text' }, { id: 5, repeatPanelId: 4 }, null] });
    assert.deepEqual(made.panels.map((one) => one.id), [5, 4, 6]);
    assert.deepEqual(made.panels[0].gridPos, { x: 0, y: 0, w: 12, h: 8 });
    assert.equal(freeId(made), 7);
});

test('a board of rows is converted, and its panels are of types that are drawn', () => {
    const made = editable({ title: 'Old', rows: [{ title: 'R', showTitle: true, panels: [{ type: 'text', span: 6, content: 'x' }] }] });
    assert.equal(made.rows, undefined);
    assert.deepEqual(made.panels.map((one) => one.type), ['row', 'text']);
});

test('a panel that was only moved is drawn from the same object, so that nothing is asked anew', () => {
    const model = editable({ title: 'T', panels: [panel(1, 0, 0), panel(2, 12, 0)] });
    const view = viewOf(model);
    const panels = movePanel(model.panels, 1, 4, 0);
    sameButPlaced(model.panels, panels);
    const next = viewOf({ ...model, panels });
    assert.equal(next.panels.find((one) => one.id === 1), view.panels.find((one) => one.id === 1));
    const renamed = changePanel(model, 1, (one) => ({ ...one, title: 'x' }));
    assert.notEqual(viewOf(renamed).panels[0], view.panels[0]);
    assert.equal(viewOf(renamed).panels[1], view.panels[1]);
    assert.equal(viewOf(renamed).templating, view.templating);
});

test('a draft with changes is found again, one without begins anew', () => {
    const raw = { uid: 'u', title: 'T', version: 3, panels: [] };
    const draft = draftOf('u', raw, {});
    draft.change({ ...draft.model, title: 'Changed' }, 'title');
    assert.equal(draftOf('u', { ...raw, version: 4 }, {}), draft);
    assert.equal(draft.version, 3);
    draft.stored(draft.model, { uid: 'u', version: 4 });
    assert.deepEqual([draft.dirty, draft.version], [false, 4]);
    assert.notEqual(draftOf('u', { ...raw, version: 5 }, {}), draft);
    forgetDraft('u');
});

// Forms.

test('every option of every type has a path of its own and a label', () => {
    for (const [type, { groups }] of Object.entries(panelTypes)) {
        assert.ok(isKnown(type), `${type} is drawn`);
        const fields = groups.flatMap((group) => group.fields);
        assert.equal(new Set(fields.map((field) => field.path)).size, fields.length, `${type} has an option twice`);
        for (const field of groupsOf(type).flatMap((group) => group.fields)) {
            assert.match(field.path, /^(options|fieldConfig\.defaults)\./, `${type}: ${field.path}`);
            assert.ok(field.label);
            if (field.type === 'select') assert.ok((field.choices ?? []).length > 1);
        }
    }
});

test('an option changes its own place in the JSON only', () => {
    const before = { id: 1, type: 'timeseries', options: { legend: { calcs: ['max'], ofTomorrow: 1 }, other: 2 }, fieldConfig: { defaults: { custom: { lineWidth: 2, strange: true } }, overrides: [] } };
    for (const field of groupsOf('timeseries').flatMap((group) => group.fields)) {
        const after = withOption(before, field, 'X');
        assert.equal(getPath(after, field.path), 'X');
        const back = withOption(after, field, getPath(before, field.path));
        const bare = JSON.parse(JSON.stringify(back));
        assert.deepEqual([bare.options.other, bare.options.legend.ofTomorrow, bare.fieldConfig.defaults.custom.strange], [2, 1, true], field.path);
    }
    assert.deepEqual(withOption({ options: {} }, { path: 'options.reduceOptions.calcs.0', label: '', type: 'calc' }, 'max'), { options: { reduceOptions: { calcs: ['max'] } } });
});

test('an option without a meaning is not shown', () => {
    const field = { path: 'x', label: 'X', type: /** @type {const} */ ('text'), when: { path: 'options.mode', is: [undefined, 'a'] } };
    assert.deepEqual([applies(field, {}), applies(field, { options: { mode: 'a' } }), applies(field, { options: { mode: 'b' } })], [true, true, false]);
});

test('overrides name options as Grafana does', () => {
    const ids = overridable('timeseries').map((field) => field.path);
    for (const id of ['unit', 'decimals', 'displayName', 'color', 'thresholds', 'mappings', 'links', 'custom.lineWidth', 'custom.fillOpacity', 'custom.axisPlacement', 'custom.stacking', 'custom.hideFrom', 'custom.transform', 'custom.lineStyle']) assert.ok(ids.includes(id), id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(overridable('table').some((field) => field.path === 'custom.cellOptions'));
});

test('value mappings keep their order and their kinds through the form', () => {
    const mappings = [
        { type: 'value', options: { 0: { text: 'down', color: 'red', index: 0 }, 1: { text: 'up', index: 1 } } }, { type: 'range', options: { from: 2, to: null, result: { text: 'many', index: 2 } } },
        { type: 'regex', options: { pattern: 'a.*', result: { text: 'A', index: 3 } } }, { type: 'special', options: { match: 'null+nan', result: { text: 'none', index: 4 } } },
    ];
    assert.deepEqual(mappingsOfLines(linesOfMappings(mappings)), mappings);
});

test('another type keeps what both have', () => {
    const before = { ...newPanel(1, []), fieldConfig: { defaults: { unit: 'bytes', custom: { lineWidth: 3 } }, overrides: [{ matcher: { id: 'byName', options: 'a' }, properties: [{ id: 'unit', value: 's' }, { id: 'custom.lineWidth', value: 4 }] }, { matcher: { id: 'byName', options: 'b' }, properties: [{ id: 'custom.width', value: 1 }] }] }, links: [1] };
    const stat = switchType(before, 'stat');
    assert.deepEqual([stat.fieldConfig.defaults.unit, stat.fieldConfig.defaults.custom, stat.options.colorMode, stat.links, stat.targets], ['bytes', {}, 'value', [1], before.targets]);
    assert.deepEqual(stat.fieldConfig.overrides, [{ matcher: { id: 'byName', options: 'a' }, properties: [{ id: 'unit', value: 's' }] }]);
    assert.equal(switchType(before, 'timeseries'), before);
    assert.equal(switchType(before, 'barchart').fieldConfig.defaults.custom.lineWidth, 3);
});

test('an old panel is edited as what it is drawn as', async () => {
    const { loadOldTypes } = await import('../../web/dashboard/upgrade-panel.js');
    await loadOldTypes({ type: 'graph' });
    const model = editable({ panels: [{ id: 1, type: 'graph', gridPos: { x: 2, y: 0, w: 6, h: 5 }, targets: [{ expr: 'up' }] }] });
    const made = modern(model.panels[0], model);
    assert.deepEqual([made.type, made.gridPos.x, viewOfPanel(model.panels[0], model).type], ['timeseries', 2, 'timeseries']);
    const stat = /** @type {any} */ (panel(1, 0, 0));
    assert.equal(modern(stat, newBoard()), stat);
});

test('names of queries and variables do not come twice', () => {
    assert.equal(freeRefId([{ refId: 'A' }, { refId: 'C' }]), 'B');
    assert.equal(freeRefId(Array.from({ length: 26 }, (_, at) => ({ refId: String.fromCharCode(65 + at) }))), 'A1');
    assert.equal(nameProblem('host', ['job']), '');
    for (const name of ['', 'a b', '__all', 'job']) assert.notEqual(nameProblem(name, ['job']), '');
});

test('a query that names variables is told from one that the parser can judge', () => {
    for (const text of ['up{job="$job"}', 'rate(x[${i}])', 'up{a=~"[[b]]"}']) assert.ok(namesVariables(text), text);
    for (const text of ['rate(x[$__rate_interval])', 'up{a=~"b$"}', 'up{a=~"b$|c"}']) assert.ok(!namesVariables(text), text);
});

test('a query of a variable keeps its shape', () => {
    assert.deepEqual(withQueryText({ type: 'query', query: { query: 'a', refId: 'x', qryType: 1 } }, 'b'), { type: 'query', query: { query: 'b', refId: 'x', qryType: 1 }, definition: 'b' });
    assert.deepEqual(withQueryText({ type: 'custom', query: 'a', current: { value: 'a' }, options: [1] }, 'b,c'), { type: 'custom', query: 'b,c' });
});

test('every transformation that has a form is applied, with what it begins with', async () => {
    const ids = Object.keys(transformationForms);
    await loadTransformations(ids.map((id) => ({ id })));
    const frame = () => ({ refId: 'A', rows: 2, fields: [{ name: 'Time', type: 'time', values: [1, 2], config: {} }, { name: 'Value', type: 'number', values: [3, 4], labels: { a: 'b' }, config: {} }] });
    for (const [id, form] of Object.entries(transformationForms)) assert.deepEqual(transform(/** @type {any} */ ([frame()]), [{ id, options: form.initial ?? {} }]).unknown, [], id);
});

// Files.

const sources = /** @type {any[]} */ ([{ uid: 'm', name: 'My metrics', type: 'prometheus', isDefault: true }, { uid: 'l', name: 'Logs', type: 'loki' }]);

test('a file for others names its sources as inputs and keeps everything else', () => {
    const board = {
        id: 7, uid: 'u', version: 9, title: 'T', strange: 1, panels: [
            { id: 1, type: 'stat', datasource: { type: 'prometheus', uid: 'm' }, targets: [{ refId: 'A', datasource: { type: 'loki', uid: 'l' } }, { refId: 'B', datasource: { type: '__expr__', uid: '__expr__' } }] },
            { id: 2, type: 'row', panels: [{ id: 3, type: 'logs', datasource: 'Logs' }, { id: 4, type: 'table', datasource: { uid: '$ds' } }, { id: 5, type: 'timeseries', targets: [{ refId: 'A' }] }, { id: 6, type: 'text' }] },
        ],
        templating: { list: [{ name: 'q', type: 'query', datasource: { type: 'prometheus', uid: 'm' }, current: { value: 'x' }, options: [1] }, { name: 'c', type: 'constant', query: '42' }] }, annotations: { list: [{ name: 'a', datasource: { type: 'datasource', uid: 'grafana' } }] },
    };
    const before = structuredClone(board);
    const file = sharedExport(board, sources);
    assert.deepEqual(board, before, 'the board itself stays');
    assert.deepEqual(file.__inputs.map((/** @type {any} */ one) => [one.name, one.type, one.pluginId ?? one.value]), [['DS_MY_METRICS', 'datasource', 'prometheus'], ['DS_LOGS', 'datasource', 'loki'], ['VAR_C', 'constant', '42']]);
    assert.deepEqual(file.__requires.filter((/** @type {any} */ one) => one.type === 'panel').map((/** @type {any} */ one) => one.id), ['logs', 'stat', 'table', 'text', 'timeseries']);
    const [first, { panels: [logs, table, series, text] }] = file.panels;
    assert.deepEqual([first.datasource.uid, first.targets[0].datasource.uid, first.targets[1].datasource.uid], ['${DS_MY_METRICS}', '${DS_LOGS}', '__expr__']);
    assert.deepEqual([logs.datasource, table.datasource, series.datasource.uid, text.datasource], [{ type: 'loki', uid: '${DS_LOGS}' }, { uid: '$ds' }, '${DS_MY_METRICS}', undefined]);
    assert.deepEqual([file.id, file.version, file.uid, file.strange, file.annotations.list[0].datasource.uid], [null, undefined, 'u', 1, 'grafana']);
    assert.deepEqual([file.templating.list[0].current, file.templating.list[1].query], [{}, '${VAR_C}']);
    assert.deepEqual(plainExport(board), { ...board, id: null });
});

test('a file that is no dashboard is refused with what is wrong', () => {
    assert.throws(() => readDashboard('{'), /no JSON/);
    for (const text of ['3', '[]', 'null']) assert.throws(() => readDashboard(text), /no dashboard/);
    assert.throws(() => readDashboard('{"title": "x"}'), /neither “panels” nor “rows”/);
    // The server makes the classic model of these.
    for (const text of ['{"spec":{"elements":{}},"apiVersion":"dashboard.grafana.app/v2"}', '{"title":"x","elements":{}}']) assert.deepEqual(readDashboard(text), JSON.parse(text));
    assert.deepEqual(readDashboard('{"dashboard": {"panels": []}, "meta": {}}'), { panels: [] });
});

test('a playlist has its boards in order, with those of a tag in its place', async () => {
    const ask = async (/** @type {string} */ path) => (path.endsWith('tag=a%26b') ? [{ uid: 'x' }, { uid: 'y' }] : []);
    const items = [{ type: 'dashboard_by_uid', value: '1' }, { type: 'dashboard_by_tag', value: 'a&b' }, { type: 'dashboard_by_uid', value: '1' }, { type: 'dashboard_by_tag', value: 'none' }];
    assert.deepEqual(await boardsOf(items, ask), ['1', 'x', 'y', '1']);
});

test('a link that is shared has no parts of editing, and the very range if wanted', () => {
    assert.equal(sharedPath('/d/u/x?edit=1&editPanel=3&var-a=b', { lockTime: false, kiosk: true }), '/d/u/x?var-a=b&kiosk=1');
    assert.equal(sharedPath('/d/u?from=now-1h', { lockTime: true, kiosk: false }, { from: 1.4, to: 2 }), '/d/u?from=1&to=2');
});

test('what stands in the head of the page is saved only when that is wanted', () => {
    const model = { title: 'T', time: { from: 'now-1h', to: 'now' }, templating: { list: [{ name: 'a', type: 'query', current: { text: 'x', value: 'x' } }, { name: 'b', type: 'query', multi: true }] } };
    const range = /** @type {any} */ ({ raw: { from: 'now-5m', to: 'now' } });
    const states = /** @type {any[]} */ ([{ variable: model.templating.list[0], value: { values: ['y'], texts: ['Y'], isAll: false, multi: false } }, { variable: model.templating.list[1], value: { values: ['1', '2'], texts: ['1', '2'], isAll: true, multi: true } }]);
    assert.equal(withChoices(model, { time: false, values: false }, range, states), model);
    assert.deepEqual(withChoices(model, { time: true, values: false }, range, states).time, { from: 'now-5m', to: 'now' });
    assert.deepEqual(withChoices(model, { time: false, values: true }, range, states).templating.list.map((/** @type {any} */ one) => one.current), [{ text: 'Y', value: 'y' }, { text: ['All'], value: ['$__all'] }]);
});
