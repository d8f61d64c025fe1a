// A picture that cannot be loaded makes way for the initials behind it.

const failed = (image) => image.classList.add("broken");

for (const image of document.querySelectorAll(".picture img")) {
  if (image.complete && !image.naturalWidth) failed(image);
}
document.addEventListener("error", (event) => event.target.matches?.(".picture img") && failed(event.target), true);
