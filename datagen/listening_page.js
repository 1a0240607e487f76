// One clip plays at a time; within a triplet, clips of the same excerpt go on at the same place.
"use strict";

const clips = [...document.querySelectorAll("audio")];

function inTriplet(clip) {
  return [...clip.closest(".triplet").querySelectorAll("audio")];
}

// "true": as in the data. "matched": the louder clips of a triplet come down to its quietest.
function setLevels(mode) {
  for (const clip of clips) {
    clip.volume = mode === "matched" ? 10 ** (Number(clip.dataset.trimDb) / 20) : 1;
  }
}

function switchTo(clip) {
  const heard = inTriplet(clip).find((other) => other !== clip && !other.paused);
  if (heard && heard.dataset.excerpt === clip.dataset.excerpt) {
    clip.currentTime = heard.currentTime;
  }
  for (const other of clips) {
    if (other !== clip) {
      other.pause();
    }
  }
}

for (const clip of clips) {
  const box = clip.closest(".clip");
  clip.addEventListener("play", () => {
    switchTo(clip);
    box.classList.add("playing");
  });
  for (const stopped of ["pause", "ended"]) {
    clip.addEventListener(stopped, () => box.classList.remove("playing"));
  }
}

// Keys 1, 2, 3 work where the focus is inside a triplet: its clips in order, again to pause.
document.addEventListener("keydown", (event) => {
  const triplet = event.target.closest(".triplet");
  const clip = triplet && [...triplet.querySelectorAll("audio")][Number(event.key) - 1];
  if (!clip || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  event.preventDefault();
  if (clip.paused) {
    clip.play();
  } else {
    clip.pause();
  }
});

for (const choice of document.querySelectorAll("input[name=levels]")) {
  choice.addEventListener("change", () => setLevels(choice.value));
  if (choice.checked) {
    setLevels(choice.value);
  }
}
