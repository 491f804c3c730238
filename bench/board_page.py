"""A board in headless chromium: how soon it is drawn, how it scrolls, what it asks, what its memory does."""

import pathlib
import statistics

from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
WINDOW = {"width": 1440, "height": 1000}

# Runs in the page before its own scripts: counts what is asked, and notes when all panels in sight are drawn.
WATCH = """
(() => {
    const watch = window.watch = { requests: {}, queries: [], bodies: [], aborted: 0, tasks: [], drawn: 0, panels: 0 };
    const original = window.fetch;
    window.fetch = async (path, options = {}) => {
        const kind = path.replace(/[?].*/, '').replace(/(\\/uid)\\/.*?(\\/api\\/v1\\/|$)/, '$1/…$2').replace(/(label)\\/.*/, '$1/…');
        watch.requests[kind] = (watch.requests[kind] ?? 0) + 1;
        if (path.endsWith('/batch')) {
            watch.bodies.push(options.body);
            for (const { path: asked, form } of JSON.parse(options.body).queries) watch.queries.push(asked + ' ' + (form ?? ''));
        } else if (/query(_range)?([?]|$)/.test(path)) {
            watch.queries.push(path + ' ' + (options.body ?? ''));
        }
        options.signal?.addEventListener('abort', () => { watch.aborted += 1; });
        return original(path, options);
    };
    new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) watch.tasks.push([startTime, duration]);
    }).observe({ type: 'longtask', buffered: true });
    const isDrawn = (panel) => {
        const body = panel.querySelector('.panel-body')?.firstElementChild;
        const plot = panel.querySelector('.plot-canvas');
        return body && !panel.querySelector('.panel-progress') && (!plot || plot.querySelector('canvas'));
    };
    const isSeen = (panel) => {
        const { top, bottom } = panel.getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
    };
    watch.state = () => {
        const seen = [...document.querySelectorAll('.panel')].filter(isSeen);
        return { seen: seen.length, drawn: seen.filter(isDrawn).length };
    };
    // The beginning of the last run of frames in which nothing in sight was undrawn.
    let since = 0;
    const frame = () => {
        const { seen, drawn } = watch.state();
        if (seen === 0 || drawn < seen || seen !== watch.panels) since = performance.now();
        watch.panels = seen;
        watch.drawn = seen > 0 && performance.now() - since > 500 ? since : 0;
        if (!watch.drawn) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
})();
"""

# Scrolls to the end, so many pixels a frame; gives milliseconds between frames.
SCROLL = """
(pixels) => new Promise((resolve) => {
    const frames = [];
    let last = 0;
    const frame = (now) => {
        if (last) frames.push(now - last);
        last = now;
        const before = scrollY;
        scrollBy(0, pixels);
        if (scrollY > before) requestAnimationFrame(frame);
        else resolve(frames);
    };
    scrollTo(0, 0);
    requestAnimationFrame(() => requestAnimationFrame(frame));
})
"""

# Looks at one screen after the other, as soon as all panels of the last are drawn; gives the number of screens and milliseconds.
LEAF = """
() => new Promise((resolve) => {
    const began = performance.now();
    let screens = 1;
    const look = () => {
        const { seen, drawn } = watch.state();
        if (drawn === seen) {
            const before = scrollY;
            scrollBy(0, innerHeight - 60);
            if (scrollY === before) return resolve({ screens, ms: performance.now() - began });
            screens += 1;
        }
        requestAnimationFrame(look);
    };
    scrollTo(0, 0);
    requestAnimationFrame(look);
})
"""

REFRESH = """
async (count) => {
    const idle = () => new Promise((resolve) => {
        let calm = 0;
        const look = () => {
            calm = document.querySelector('.panel-progress, .spinner') ? 0 : calm + 1;
            if (calm > 2) resolve();
            else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
    });
    for (let done = 0; done < count; done++) {
        document.querySelector('[data-key="d r"]').click();
        await idle();
    }
}
"""


class MainThread:
    """What a page's main thread did: seconds of CPU, which other programs on the machine do not change much."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)
        self.session.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
        self.session.send("Performance.enable")
        self.begin()

    def figures(self):
        return {one["name"]: one["value"] for one in self.session.send("Performance.getMetrics")["metrics"]}

    def begin(self):
        self.before = self.figures()["ThreadTime"]

    def used_ms(self):
        return (self.figures()["ThreadTime"] - self.before) * 1000


class Browser:
    """One browser, signed in to a dashboard server."""

    def __init__(self, base, password):
        self.base, self.password = base, password

    def __enter__(self):
        self.playwright = sync_playwright().start()
        self.chromium = self.playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        return self

    def __exit__(self, *_):
        self.chromium.close()
        self.playwright.stop()

    def context(self):
        """A profile without a cache, whose user is signed in."""
        context = self.chromium.new_context(viewport=WINDOW)
        own = {"X-Requested-With": "bench"}
        answer = context.request.post(self.base + "/api/login", data={"user": "admin", "password": self.password}, headers=own)
        if not answer.ok:
            raise SystemExit(f"signing in: {answer.status} {answer.text()[:200]}")
        context.request.post(self.base + "/api/user/password/postpone", headers=own)
        context.add_init_script(WATCH)
        return context

    def open(self, context, uid):
        """Opens a board and waits until it is drawn; gives the page, with its main thread, and the milliseconds since the
        navigation began."""
        page = context.new_page()
        page.thread = MainThread(page)
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.goto(f"{self.base}/d/{uid}/board")
        for _ in range(1200):
            drawn = page.evaluate("window.watch.drawn")
            if drawn:
                break
            page.wait_for_timeout(100)
        else:
            raise SystemExit(f"{uid} is not drawn after two minutes: {page.evaluate('window.watch.state()')}")
        if page.problems:
            raise SystemExit(f"{uid}: {page.problems[:3]}")
        return page, drawn


def opening(browser, uid, rounds):
    """Milliseconds until all in sight is drawn, each time from an empty cache, then with a full one, and what was asked."""
    cold, warm, tasks, used = [], [], [], []
    for _ in range(rounds):
        context = browser.context()
        for times in (cold, warm):
            page, drawn = browser.open(context, uid)
            times.append(drawn)
            used.append(page.thread.used_ms())
            state = page.evaluate("({ ...watch, state: undefined })")
            empty = page.evaluate("[...document.querySelectorAll('.panel')].filter((one) => /No data/.test(one.textContent)).length")
            page.close()
        tasks.append(sum(max(0, length - 50) for at, length in state["tasks"] if at < drawn))
        context.close()
    return {
        "panels": state["panels"], "empty": empty, "cold_ms": statistics.median(cold), "warm_ms": statistics.median(warm),
        "cpu_ms": statistics.median(used),
        "blocked_ms": statistics.median(tasks), "longest_task_ms": max([length for _, length in state["tasks"]], default=0),
        "requests": state["requests"], "queries": len(state["queries"]), "different": len(set(state["queries"])),
        "bodies": state["bodies"],
    }


def leafing(browser, uid, rounds):
    """Milliseconds until every panel of a long board has been drawn, screen by screen."""
    found = []
    for _ in range(rounds):
        context = browser.context()
        page, drawn = browser.open(context, uid)
        page.thread.begin()
        state = page.evaluate(LEAF)
        watch = page.evaluate("({ queries: watch.queries, requests: watch.requests, panels: document.querySelectorAll('.panel').length, "
                              "empty: [...document.querySelectorAll('.panel')].filter((one) => /No data/.test(one.textContent)).length })")
        found.append({**state, "first_ms": drawn, "cpu_ms": page.thread.used_ms(), "panels": watch["panels"], "empty": watch["empty"],
                      "queries": len(watch["queries"]), "different": len(set(watch["queries"])), "requests": watch["requests"]})
        context.close()
    return sorted(found, key=lambda one: one["ms"])[len(found) // 2]


def scrolling(browser, uid, pixels):
    """Milliseconds between frames while a board passes by: drawn for the first time, and once more."""
    context = browser.context()
    page, _ = browser.open(context, uid)
    passes = []
    for _ in range(2):
        page.thread.begin()
        frames = page.evaluate(SCROLL, pixels)
        page.wait_for_timeout(500)
        passes.append({
            "frames": len(frames), "mean_ms": statistics.mean(frames), "p95_ms": quantile(frames, 0.95), "worst_ms": max(frames),
            "late": sum(1 for one in frames if one > 25), "cpu_ms": page.thread.used_ms() / len(frames)})
    context.close()
    return passes


def giving_up(browser, uid):
    """Leaves a board while it asks; gives the number of requests that were cancelled."""
    context = browser.context()
    page = context.new_page()
    page.goto(browser.base + "/")
    failed = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.evaluate(f"""() => {{
        history.pushState(null, '', '/d/{uid}/board');
        window.dispatchEvent(new Event('martlet:location'));
    }}""")
    for _ in range(200):
        if page.evaluate("watch.bodies.length") > 0:
            break
        page.wait_for_timeout(5)
    page.evaluate("() => { history.pushState(null, '', '/'); window.dispatchEvent(new Event('martlet:location')); }")
    page.wait_for_timeout(500)
    aborted = page.evaluate("watch.aborted")
    context.close()
    return {"cancelled": aborted, "failed": len(failed)}


def refreshing(browser, uid, refreshes, tell):
    """Memory of the tab after refreshes, garbage collected: bytes of the heap, nodes, listeners, bytes of the process. Each row
    is told as soon as it is known."""
    context = browser.context()
    page, _ = browser.open(context, uid)
    processes = browser.chromium.new_browser_cdp_session()
    rows, done = [], 0
    before = page.evaluate("({ ...watch.requests })")
    for upto in [20, *range(100, refreshes + 1, max(1, min(100, refreshes // 5)))]:
        page.evaluate(REFRESH, upto - done)
        # What the watch itself keeps is not the board's.
        page.evaluate("() => { watch.queries.length = 0; watch.bodies.length = 0; watch.tasks.length = 0; }")
        done = upto
        for _ in range(2):
            page.thread.session.send("HeapProfiler.collectGarbage")
        figures = page.thread.figures()
        renderers = [one["id"] for one in processes.send("SystemInfo.getProcessInfo")["processInfo"] if one["type"] == "renderer"]
        rows.append({
            "refreshes": done, "heap": figures["JSHeapUsedSize"], "nodes": figures["Nodes"], "listeners": figures["JSEventListeners"],
            "private": max(private_bytes(pid) for pid in renderers)})
        tell(rows[-1])
    after = page.evaluate("({ ...watch.requests })")
    context.close()
    return rows, {kind: count - before.get(kind, 0) for kind, count in after.items() if count > before.get(kind, 0)}


def private_bytes(pid):
    """Memory that a process shares with no other."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Private_"))


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def with_open_rows(board, uid):
    """The same board with no row collapsed, under another uid."""
    panels, shift = [], 0
    for panel in sorted(board["panels"], key=lambda one: (one["gridPos"]["y"], one["gridPos"]["x"])):
        place = {**panel["gridPos"], "y": panel["gridPos"]["y"] + shift}
        panels.append({**panel, "gridPos": place, "panels": [], **({"collapsed": False} if panel["type"] == "row" else {})})
        children = panel.get("panels") or []
        if not children:
            continue
        top = min(one["gridPos"]["y"] for one in children)
        for child in children:
            panels.append({**child, "gridPos": {**child["gridPos"], "y": place["y"] + 1 + child["gridPos"]["y"] - top}})
        shift += max(one["gridPos"]["y"] + one["gridPos"]["h"] for one in children) - top
    return {**board, "panels": panels, "uid": uid, "title": board["title"] + ", rows open"}
