// Gives the reader a file.

/**
 * @param {string} title becomes its name, as far as file names allow
 * @param {string} extension
 * @param {Blob} content
 */
export function save(title, extension, content) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(content);
    link.download = `${title.replace(/[^\w.-]+/g, '-').replace(/^-|-$/g, '') || 'panel'}.${extension}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
