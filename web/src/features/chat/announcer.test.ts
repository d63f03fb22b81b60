import { finishedSentences } from "./announcer";

test.each([
  ["Half a sen", ""],
  ["One. Two is not", "One."],
  ["One. Two! Three", "One. Two!"],
  ['He said "yes." Then', 'He said "yes."'],
])("of %j the finished part is %j", (text, expected) => {
  expect(finishedSentences(text)).toBe(expected);
});
