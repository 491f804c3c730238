// A dashboard that does not exist yet.

import { html } from '../vendor/preact.js';
import { Board, mayEdit } from '../dashboard/page.js';
import { dataSources } from '../data/sources.js';
import { PageHead } from '../pages/shell.js';
import { useLoad } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { Editor } from './editor.js';
import { newBoard } from './model.js';

const blank = newBoard();

/** @param {{params: URLSearchParams, user: any}} properties */
export default function NewPage({ params, user }) {
    const sources = useLoad(() => dataSources(), []);
    if (!mayEdit(user)) return html`<${PageHead} title="New dashboard" /><div class="page-body"><${Empty} title="You may look, not change">An administrator can make you an editor.</${Empty}></div>`;
    if (sources.error) return html`<${PageHead} title="New dashboard" /><div class="page-body narrow"><${Message}>${sources.error}</${Message}></div>`;
    if (!sources.value) return html`<${PageHead} title="…" />`;
    return html`<${Editor} raw=${blank} meta=${{ folderUid: params.get('folderUid') ?? '' }} sources=${sources.value} params=${params} user=${user} Board=${Board} onSaved=${() => {}} />`;
}
