// Says what a proposal would leave, while its credits are typed. Without this script the page says it
// for the credits that it was shown with, and the server refuses what is beyond.
const QUARTERS = { "¼": 15, "½": 30, "¾": 45 };

// The minutes of typed credits ("1.5", "1½", "1:30", "2 h 15"), or null where that is not plain.
export function minutesOf(typed) {
  const text = typed.trim().toLowerCase().replace(/\s*(credits?|hours?|hrs?)$/, "");
  let match = text.match(/^(\d{1,6})\s*(?::|h)\s*(\d{1,2})\s*(?:m|min)?$/);
  if (match) return match[2] < 60 ? match[1] * 60 + Number(match[2]) : null;
  match = text.match(/^(\d{0,6})\s*([¼½¾])$/);
  if (match) return match[1] * 60 + QUARTERS[match[2]];
  match = text.match(/^(\d{1,6})(?:\.(\d{1,4}))?$/);
  if (!match) return null;
  const minutes = Number(text) * 60;
  return Math.abs(minutes - Math.round(minutes)) < 1e-6 ? Math.round(minutes) : null;
}

// As all pages write credits: with quarters, or with hours and minutes where these do not do.
export function creditNumber(minutes) {
  const hours = Math.floor(minutes / 60).toLocaleString("en-GB");
  const rest = minutes % 60;
  const quarter = rest === 0 ? "" : Object.keys(QUARTERS).find((sign) => QUARTERS[sign] === rest);
  if (quarter === undefined) return minutes < 60 ? `${rest} min` : `${hours} h ${rest} min`;
  return minutes < 60 && quarter ? quarter : hours + quarter;
}

const line = document.querySelector(".what-is-left");
const field = document.querySelector("#minutes");
if (line && field) {
  const available = Number(line.dataset.available);
  const have = `You have ${creditNumber(available)} available`;
  const update = () => {
    const minutes = minutesOf(field.value);
    if (minutes === null) {
      line.textContent = `${have}.`;
    } else if (minutes <= available) {
      line.textContent = `${have}; this leaves ${creditNumber(available - minutes)}.`;
    } else {
      const beyond = creditNumber(minutes - available);
      line.textContent = `${have}; this is ${beyond} more than you have.`;
    }
  };
  field.addEventListener("input", update);
  update();
}
