/** Text of results where control characters would act: on a terminal, in a log that knows colours, in a line of Markdown. */

/** Without them but for tabs and line ends; each becomes U+FFFD, so that it is seen. */
export function withoutControls(text: string): string {
  return text.replaceAll(/(?![\t\n\r])\p{Cc}/gu, "\uFFFD");
}

/** The same on one line. */
export function oneLine(text: string): string {
  return withoutControls(text.replaceAll(/[\t\n\r]+/g, " "));
}
