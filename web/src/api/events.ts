/**
 * Reads the server-sent events of a response, as they come.
 * @throws TypeError where the connection breaks off
 */
export async function* events<E extends { event: string; data: unknown }>(response: Response): AsyncGenerator<E> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ''; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split('\n\n');
    rest = parts.pop()!;
    for (const part of parts) {
      const event = /^event: (.*)$/m.exec(part)?.[1];
      const data = /^data: (.*)$/m.exec(part)?.[1];
      if (event && data) yield { event, data: JSON.parse(data) as unknown } as E;
    }
  }
}
