// A plain script, loaded before the styles: sets the chosen theme before anything is painted.
(() => {
    let theme = 'dark';
    try {
        theme = localStorage.getItem('martlet.theme') === 'light' ? 'light' : 'dark';
    } catch {
        // Storage may be forbidden; dark it is.
    }
    document.documentElement.dataset.theme = theme;
})();
