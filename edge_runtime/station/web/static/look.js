// Shows the page light or dark as this browser was told, before it is drawn; else as the computer has it.
"use strict";
(function () {
  var dark = document.getElementById("dark"), auto = dark.media, looks = { auto: auto, light: "not all", dark: "screen" };

  function chosen() {
    try { return looks[localStorage.getItem("look")] ? localStorage.getItem("look") : "auto"; } catch (error) { return "auto"; }
  }

  function choice(look) { return document.querySelector("input[name=look][value=" + look + "]"); }

  function show() {
    dark.media = looks[chosen()];
    if (choice(chosen())) { choice(chosen()).defaultChecked = true; }
  }

  document.documentElement.classList.add("scripted");
  document.addEventListener("change", function (event) {
    if (event.target.name !== "look") { return; }
    try { localStorage.setItem("look", event.target.value); } catch (error) { /* it holds for no other page */ }
    dark.media = looks[event.target.value];
  });
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("fresh", show);
  show();
})();
