import { showTask } from '../app/route';
import { run } from '../sync/commands';
import { inbox, tasks, unread } from '../sync/store';
import type { Notice } from '../api/types';
import { Empty } from '../ui/Empty';
import { count, sayAgo } from '../ui/format';
import { Screen } from '../ui/Screen';

const read = (notice: Notice) => notice.read_at || run('read_notification', null, { notification_id: notice.id });

/** What rang, newest first. */
export function Inbox() {
  const unseen = inbox.value.filter(({ read_at }) => !read_at);
  return (
    <Screen
      title="Notifications" {...(unread.value > 0 ? { note: count(unread.value, 'unread', 'unread') } : {})}
      aside={unseen.length > 0 ? <button onClick={() => unseen.forEach(read)}>Mark all as read</button> : null}
    >
      {inbox.value.length === 0 && <Empty icon="bell" title="Nothing has rung yet">Give a task a reminder, and it is told here and on your devices.</Empty>}
      <ul class="cards">
        {inbox.value.slice(0, 300).map((notice) => (
          <li key={notice.id} class={`card line${notice.read_at ? '' : ' unread'}`}>
            <button
              class="grow plain" disabled={!tasks.value.has(notice.task_id)}
              onClick={() => {
                read(notice);
                showTask(notice.task_id);
              }}
            >
              <strong dir="auto">{notice.title}</strong>
              <small>{notice.body}{notice.body && ' · '}{sayAgo(notice.created_at)}{notice.task_completed_at ? ' · completed' : ''}</small>
            </button>
            {!notice.read_at && <button class="quiet" aria-label={`Mark “${notice.title}” as read`} onClick={() => read(notice)}>Read</button>}
          </li>
        ))}
      </ul>
    </Screen>
  );
}
