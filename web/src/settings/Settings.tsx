import { Screen } from '../ui/Screen';
import { Account } from './Account';
import { Appearance } from './Appearance';
import { Calendar } from './Calendar';
import { Data } from './Data';
import { Notifications } from './Notifications';
import { Sessions } from './Sessions';
import { Tokens } from './Tokens';

/** Everything that can be set. */
export default function Settings() {
  return (
    <Screen title="Settings">
      <div class="settings">
        <Appearance />
        <Notifications />
        <Data />
        <Calendar />
        <Tokens />
        <Sessions />
        <Account />
      </div>
    </Screen>
  );
}
