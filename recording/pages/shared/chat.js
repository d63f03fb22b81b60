// A messenger: rooms at the side, one room's messages, a field to write in.
const app = document.body.dataset.app;
const room = new URLSearchParams(location.search).get("room");
const list = document.querySelector("#messages");
const field = document.querySelector("#text");

function show(message) {
  const item = document.createElement("div");
  item.className = message.sender === "Marta Quintela" ? "message own" : "message";
  const sender = document.createElement("b");
  sender.textContent = message.sender;
  const at = document.createElement("i");
  at.textContent = message.at;
  item.append(sender, at, "\n" + message.text);
  list.append(item);
  list.scrollTop = list.scrollHeight;
}

async function open() {
  const rooms = await (await fetch("/api/rooms")).json();
  for (const name of rooms) {
    const link = document.createElement("a");
    link.textContent = name;
    link.href = "/?room=" + encodeURIComponent(name);
    link.className = name === room ? "here" : "";
    document.querySelector("nav").append(link);
  }
  if (!room) return;
  const messages = await (await fetch("/api/messages?room=" + encodeURIComponent(room))).json();
  messages.forEach(show);
  document.querySelector("header").textContent = room;
  field.placeholder = "Write to " + room;
  field.focus();
  document.title = room + " | " + app;
}

document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify({ room, text: field.value });
  field.value = "";
  show(await (await fetch("/api/messages", { method: "POST", body })).json());
});
open();
