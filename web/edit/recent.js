// The dashboards that were looked at last in this browser, as their page notes them.

/** @returns {string[]} uids, the newest first */
export function recentBoards() {
    try {
        return (localStorage.getItem('martlet.recent') ?? '').split(' ').filter(Boolean);
    } catch {
        return [];
    }
}
