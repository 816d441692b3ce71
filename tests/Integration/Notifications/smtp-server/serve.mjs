// An SMTP server that keeps what it receives: one line of JSON for each message. Its options are the first argument, as JSON:
// tls (from the first byte), starttls, key and cert (PEM files), user and password, busy (how many connections get a 421 first),
// refused (a recipient that gets a 550).
import { readFileSync } from "node:fs";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

const options = JSON.parse(process.argv[2]);
let busy = options.busy ?? 0;

const refusal = (code, text) => Object.assign(new Error(text), { responseCode: code });
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");

const server = new SMTPServer({
  secure: options.tls ?? false,
  ...(options.key && { key: readFileSync(options.key), cert: readFileSync(options.cert) }),
  disabledCommands: [...(options.starttls ? [] : ["STARTTLS"]), ...(options.user ? [] : ["AUTH"])],
  authOptional: !options.user,
  allowInsecureAuth: false,
  authMethods: [options.method ?? "PLAIN"],
  onConnect(session, done) {
    done(busy-- > 0 ? refusal(421, "Try again later") : null);
  },
  onAuth(auth, session, done) {
    const known = auth.username === options.user && auth.password === options.password;
    known ? done(null, { user: auth.username }) : done(refusal(535, "Who are you?"));
  },
  onRcptTo(address, session, done) {
    done(address.address === options.refused ? refusal(550, `No ${address.address} here`) : null);
  },
  async onData(stream, session, done) {
    const mail = await simpleParser(stream);
    say({
      secure: session.secure,
      user: session.user ?? null,
      from: session.envelope.mailFrom.address,
      to: session.envelope.rcptTo.map((recipient) => recipient.address),
      message_id: mail.messageId,
      subject: mail.subject,
      sender: mail.from.text,
      text: mail.text,
      html: mail.html,
      headers: mail.headerLines.map((header) => header.key),
      auto_submitted: mail.headers.get("auto-submitted"),
      content_type: mail.headers.get("content-type").value,
    });
    done();
  },
});
server.on("error", (error) => process.stderr.write(`${error.message}\n`));
server.listen(0, "127.0.0.1", () => say({ port: server.server.address().port }));
process.stdin.on("end", () => process.exit()).resume();
