import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './Icon';

/** A dialog before the page; the browser keeps the focus in it and closes it with Esc. Without `onClose` it stays. */
export function Dialog({ open, title, onClose, children }: { open: boolean; title: string; onClose?: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    if (open && !dialog.current!.open) dialog.current!.showModal();
    if (!open && dialog.current!.open) dialog.current!.close();
  }, [open]);
  return (
    <dialog
      ref={dialog} aria-labelledby={id} onClose={() => open && (onClose ? onClose() : dialog.current!.showModal())} onCancel={(event) => onClose || event.preventDefault()}
      onClick={(event) => event.target === dialog.current && onClose?.()}
    >
      {open && (
        <div class="dialog">
          <header><h2 id={id}>{title}</h2>{onClose && <button class="quiet square" aria-label="Close" onClick={onClose}><Icon name="close" /></button>}</header>
          {children}
        </div>
      )}
    </dialog>
  );
}

/** Asks before something that cannot be taken back. */
export function Confirm({ open, title, text, action, onYes, onNo }: { open: boolean; title: string; text: string; action: string; onYes: () => void; onNo: () => void }) {
  return (
    <Dialog open={open} title={title} onClose={onNo}>
      <p>{text}</p>
      <div class="actions"><button onClick={onNo}>Cancel</button><button class="danger" onClick={onYes}>{action}</button></div>
    </Dialog>
  );
}
