// The level of a log line: from its labels and metadata first, then from its text.

/** @type {Record<string, string>} */
const words = {
    emerg: 'critical', emergency: 'critical', fatal: 'critical', alert: 'critical', crit: 'critical', critical: 'critical',
    panic: 'critical', err: 'error', eror: 'error', error: 'error', warn: 'warning', warning: 'warning', info: 'info',
    information: 'info', informational: 'info', notice: 'info', debug: 'debug', dbug: 'debug', trace: 'trace',
    0: 'critical', 1: 'critical', 2: 'critical', 3: 'error', 4: 'warning', 5: 'info', 6: 'info', 7: 'debug',
};

/** Levels in the order in which they are stacked and listed. */
export const levels = ['critical', 'error', 'warning', 'info', 'debug', 'trace', 'unknown'];

/** @param {string | undefined} word */
export function normalizeLevel(word) {
    return words[String(word ?? '').trim().toLowerCase()] ?? 'unknown';
}

const inText = /\b(?:level|lvl|severity|loglevel|PRIORITY)\\?["']?\s*[=:]\s*\\?["']?([A-Za-z]+|[0-7]\b)/i;
const bare = /(?:^|[\s[<(|])(EMERG|FATAL|CRIT(?:ICAL)?|PANIC|ERR(?:OR)?|WARN(?:ING)?|INFO|NOTICE|DEBUG|TRACE)(?=[\s\]>):|]|$)/i;

/**
 * @param {string} line
 * @param {Record<string, string>} labels
 */
export function levelOf(line, labels) {
    for (const name of ['level', 'detected_level', 'severity_text', 'severity', 'priority', 'lvl']) {
        if (labels[name]) {
            const level = normalizeLevel(labels[name]);
            if (level !== 'unknown') return level;
        }
    }
    const head = line.length > 400 ? line.slice(0, 400) : line;
    const named = inText.exec(head);
    if (named) {
        const level = normalizeLevel(named[1]);
        if (level !== 'unknown') return level;
    }
    const word = bare.exec(head);
    return word ? normalizeLevel(word[1]) : 'unknown';
}
