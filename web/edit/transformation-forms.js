// The transformations that are applied here, with the options that have a form; the others of their options are edited as JSON.

/** @typedef {import('./options/fields.js').Field} Field */

/** @type {[string, string][]} */
const modes = [['seriesToRows', 'Series to rows'], ['reduceFields', 'Reduce fields']];

/** @type {Record<string, {name: string, about: string, fields?: Field[], initial?: any}>} */
export const transformationForms = {
    organize: { name: 'Organize fields', about: 'Renames, hides and orders fields', initial: { excludeByName: {}, indexByName: {}, renameByName: {} } },
    merge: { name: 'Merge', about: 'Joins tables into one, rows with equal labels together' },
    joinByField: {
        name: 'Join by field', about: 'One table of several, by a field that they share', initial: { mode: 'outer' },
        fields: [{ path: 'byField', label: 'Field', type: 'text', placeholder: 'Time' }, { path: 'mode', label: 'Mode', type: 'select', choices: [['outer', 'All rows'], ['inner', 'Rows in all'], ['outerTabular', 'All rows, tabular']], fallback: 'outer' }],
    },
    joinByLabels: { name: 'Join by labels', about: 'A column for each value of a label', fields: [{ path: 'value', label: 'Label', type: 'text' }, { path: 'join', label: 'Join by', type: 'list' }] },
    reduce: {
        name: 'Reduce', about: 'One value for each field', initial: { reducers: ['max'], mode: 'seriesToRows' },
        fields: [{ path: 'mode', label: 'Mode', type: 'select', choices: modes, fallback: 'seriesToRows' }, { path: 'reducers', label: 'Calculations', type: 'calcs' }, { path: 'labelsToFields', label: 'Labels to fields', type: 'toggle' }, { path: 'includeTimeField', label: 'Include time', type: 'toggle' }],
    },
    filterFieldsByName: {
        name: 'Filter fields by name', about: 'Keeps some of the fields', initial: { include: { pattern: '' } },
        fields: [{ path: 'include.pattern', label: 'Include (regular expression)', type: 'text' }, { path: 'include.names', label: 'Include names', type: 'list' }, { path: 'exclude.pattern', label: 'Exclude (regular expression)', type: 'text' }],
    },
    filterByRefId: { name: 'Filter by query', about: 'Keeps the answers of some queries', fields: [{ path: 'include', label: 'Queries (regular expression)', type: 'text', placeholder: 'A|B' }] },
    filterByValue: {
        name: 'Filter by value', about: 'Keeps or drops rows', initial: { filters: [], type: 'include', match: 'any' },
        fields: [{ path: 'type', label: 'Rows that match', type: 'select', choices: [['include', 'are kept'], ['exclude', 'are dropped']], fallback: 'include' }, { path: 'match', label: 'Match', type: 'select', choices: [['any', 'any condition'], ['all', 'all conditions']], fallback: 'any' }],
    },
    renameByRegex: { name: 'Rename by regular expression', about: 'New names from old ones', initial: { regex: '(.*)', renamePattern: '$1' }, fields: [{ path: 'regex', label: 'Match', type: 'text' }, { path: 'renamePattern', label: 'Replace', type: 'text' }] },
    calculateField: {
        name: 'Add field from calculation', about: 'A new field from others', initial: { mode: 'binary', binary: { left: '', operator: '+', right: '' } },
        fields: [
            { path: 'mode', label: 'Mode', type: 'select', choices: [['binary', 'Two fields'], ['reduceRow', 'Reduce the row'], ['unary', 'One field'], ['index', 'Number of the row'], ['cumulativeFunctions', 'Cumulative'], ['windowFunctions', 'Window']], fallback: 'reduceRow' },
            { path: 'binary.left', label: 'Left', type: 'text', when: { path: 'mode', is: ['binary'] } },
            { path: 'binary.operator', label: 'Operator', type: 'select', choices: ['+', '-', '*', '/', '%', '**'].map((one) => [one, one]), fallback: '+', when: { path: 'mode', is: ['binary'] } },
            { path: 'binary.right', label: 'Right', type: 'text', when: { path: 'mode', is: ['binary'] } },
            { path: 'reduce.reducer', label: 'Calculation', type: 'calc', fallback: 'sum', when: { path: 'mode', is: [undefined, 'reduceRow'] } },
            { path: 'reduce.include', label: 'Fields', type: 'list', when: { path: 'mode', is: [undefined, 'reduceRow'] } },
            { path: 'alias', label: 'Name', type: 'text' }, { path: 'replaceFields', label: 'Only the new field', type: 'toggle' },
        ],
    },
    groupBy: { name: 'Group by', about: 'Rows with equal values become one', initial: { fields: {} } },
    sortBy: { name: 'Sort by', about: 'Orders the rows', initial: { sort: [{ field: '', desc: false }] }, fields: [{ path: 'sort.0.field', label: 'Field', type: 'text' }, { path: 'sort.0.desc', label: 'Descending', type: 'toggle' }] },
    limit: { name: 'Limit', about: 'The first rows only', initial: { limitField: 10 }, fields: [{ path: 'limitField', label: 'Rows', type: 'number', least: 1 }] },
    labelsToFields: { name: 'Labels to fields', about: 'A field for each label', initial: { mode: 'columns' }, fields: [{ path: 'mode', label: 'Mode', type: 'select', choices: [['columns', 'Columns'], ['rows', 'Rows']], fallback: 'columns' }, { path: 'valueLabel', label: 'Label of the values', type: 'text' }, { path: 'keepLabels', label: 'Only these labels', type: 'list' }] },
    extractFields: { name: 'Extract fields', about: 'Fields out of JSON or key=value texts', initial: { source: '', format: 'auto' }, fields: [{ path: 'source', label: 'Field', type: 'text' }, { path: 'format', label: 'Format', type: 'select', choices: [['auto', 'Automatic'], ['json', 'JSON'], ['kvp', 'Key and value'], ['regexp', 'Regular expression'], ['delimiter', 'Delimiter']], fallback: 'auto' }, { path: 'regExp', label: 'Regular expression', type: 'text', when: { path: 'format', is: ['regexp'] } }, { path: 'replace', label: 'Only the new fields', type: 'toggle' }, { path: 'keepTime', label: 'Keep time', type: 'toggle' }] },
    convertFieldType: { name: 'Convert field type', about: 'Numbers, times and texts into each other', initial: { conversions: [{ targetField: '', destinationType: 'number' }] }, fields: [{ path: 'conversions.0.targetField', label: 'Field', type: 'text' }, { path: 'conversions.0.destinationType', label: 'Type', type: 'select', choices: [['number', 'Number'], ['string', 'Text'], ['time', 'Time'], ['boolean', 'Boolean']] }] },
    formatTime: { name: 'Format time', about: 'A time as a text', fields: [{ path: 'timeField', label: 'Field', type: 'text' }, { path: 'outputFormat', label: 'Format', type: 'text', placeholder: 'YYYY-MM-DD HH:mm' }] },
    histogram: { name: 'Histogram', about: 'How many values lie where', fields: [{ path: 'bucketCount', label: 'Buckets', type: 'number', least: 1 }, { path: 'bucketSize', label: 'Bucket size', type: 'number' }, { path: 'combine', label: 'Combine series', type: 'toggle' }] },
    concatenate: { name: 'Concatenate', about: 'The fields of all frames in one' },
    partitionByValues: { name: 'Partition by values', about: 'A frame for each value of some fields', fields: [{ path: 'fields', label: 'Fields', type: 'list' }] },
    groupingToMatrix: { name: 'Grouping to matrix', about: 'A table of two fields against each other', fields: [{ path: 'columnField', label: 'Columns', type: 'text' }, { path: 'rowField', label: 'Rows', type: 'text' }, { path: 'valueField', label: 'Values', type: 'text' }] },
    rowsToFields: { name: 'Rows to fields', about: 'Each row becomes a field' },
    timeSeriesTable: { name: 'Time series to table', about: 'Each series a row with a spark line' },
    prepareTimeSeries: { name: 'Prepare time series', about: 'One frame or several', initial: { format: 'wide' }, fields: [{ path: 'format', label: 'Format', type: 'select', choices: [['wide', 'One frame'], ['multi', 'A frame for each series'], ['long', 'Long']] }] },
    seriesToRows: { name: 'Series to rows', about: 'All series in one table' },
    transpose: { name: 'Transpose', about: 'Rows become columns' },
};

/** Those that are applied here, by id. */
export const transformationNames = new Set([...Object.keys(transformationForms), 'seriesToColumns']);
