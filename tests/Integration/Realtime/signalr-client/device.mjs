// A device as somebody's web page would be: SignalR's own client. It says what happens to it, one JSON object a line, until its input ends.
import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';

const [url, token] = process.argv.slice(2);
const say = (event, message) => process.stdout.write(`${JSON.stringify({ event, message })}\n`);

const connection = new HubConnectionBuilder()
  .withUrl(url, { accessTokenFactory: () => token })
  .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => 100 })
  .configureLogging(LogLevel.None)
  .build();
connection.on('task_update', message => say('task_update', message));
connection.on('reminder', message => say('reminder', message));
connection.onreconnecting(() => say('reconnecting'));
connection.onreconnected(() => say('reconnected'));

try {
  await connection.start();
  say('connected');
} catch (error) {
  say('refused', `${error}`);
  process.exit(0);
}

process.stdin.resume().on('end', async () => {
  await connection.stop();
  process.exit(0);
});
