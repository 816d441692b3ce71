// What browsers and push services make of requests, with libraries of others: decrypts messages (http_ece) and verifies VAPID
// tokens (jose). Reads a JSON array of {body, private_key, auth, authorization?, now?} from stdin, bytes as base64url; writes an array of
// {message, header?, claims?, key?}.
import crypto from 'node:crypto';
import { text } from 'node:stream/consumers';
import ece from 'http_ece';
import { importJWK, jwtVerify } from 'jose';

const bytes = (value) => Buffer.from(value, 'base64url');

function decrypt({ body, private_key, auth }) {
  const privateKey = crypto.createECDH('prime256v1');
  privateKey.setPrivateKey(bytes(private_key));
  return ece.decrypt(bytes(body), { version: 'aes128gcm', privateKey, authSecret: bytes(auth) }).toString('base64url');
}

async function verify({ authorization, now }) {
  const match = /^vapid t=([^,]+), k=([A-Za-z0-9_-]+)$/.exec(authorization);
  if (!match) throw new Error(`not of the scheme vapid: ${authorization}`);
  const point = bytes(match[2]);
  const jwk = { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') };
  const { payload, protectedHeader } = await jwtVerify(match[1], await importJWK(jwk, 'ES256'), {
    algorithms: ['ES256'],
    requiredClaims: ['aud', 'exp', 'sub'],
    currentDate: new Date(now),
  });
  return { header: protectedHeader, claims: payload, key: match[2] };
}

const answers = [];
for (const request of JSON.parse(await text(process.stdin))) {
  answers.push({ message: decrypt(request), ...(request.authorization ? await verify(request) : {}) });
}

process.stdout.write(JSON.stringify(answers));
