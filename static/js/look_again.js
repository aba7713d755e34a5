// A page about something that is under way fetches itself every few seconds and shows how far it is.
const part = document.querySelector("[data-look-again]");

async function lookAgain() {
  if (document.hidden) return;
  let page;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return; // the network is away; the next time may be better
  }
  const now = page.getElementById(part.id);
  if (now === null) {
    location.reload();
    return;
  }
  part.replaceChildren(...now.childNodes);
}

if (part) setInterval(lookAgain, Number(part.dataset.lookAgain) * 1000);
