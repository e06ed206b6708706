// The mails that left: files in a folder, as the platform writes them without a mail server.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { becomes, stage } from './tools.mjs';

/** The newest mail to an address with a link that fits, as it is there. */
export async function letter(mail, link) {
  return becomes(`a mail to ${mail} with ${link}`, async () => {
    const found = [];
    for (const name of await readdir(stage.mails)) {
      const text = await readFile(path.join(stage.mails, name), 'utf8');
      if (!text.includes(mail)) continue;
      const address = links(text).filter((each) => link.test(each)).at(-1);
      if (address) found.push({ name, text, link: address });
    }
    return found.sort((a, b) => a.name.localeCompare(b.name)).at(-1);
  });
}

/** Addresses in the plain part, which is quoted-printable or base64. */
function links(text) {
  const parts = text.split(/\r?\n\r?\n/);
  const decoded = parts.map((part) => (/^[A-Za-z0-9+/=\r\n]+$/.test(part)
    ? Buffer.from(part, 'base64').toString('utf8') : unquoted(part)));
  return decoded.join('\n').match(/https?:\/\/[^\s"<>)]+/g) ?? [];
}

function unquoted(part) {
  return part.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String
    .fromCharCode(Number.parseInt(hex, 16)));
}
