// Keeps what was typed on a person's page and not saved, in this tab until it is saved or somebody signs out.
// A page has several forms, and saving one of them, or a link, leaves the page.
"use strict";
(function () {
  var PREFIX = "unsaved ", sent = "", leaving = false;

  function here() { return /^\/person\/\d+$/.test(location.pathname) ? PREFIX + location.pathname : ""; }
  function live() { return document.getElementById("live"); }

  // Says that it is the same person: another camp has a person of that number too.
  function who() { var told = document.querySelector("[data-since]"); return told ? told.dataset.since : ""; }

  function names() {
    return Object.keys(sessionStorage).filter(function (name) { return name.indexOf(PREFIX) === 0; });
  }

  function forget() { names().forEach(function (name) { sessionStorage.removeItem(name); }); }

  function read(name) {
    try { return JSON.parse(sessionStorage.getItem(name)) || []; } catch (error) { return []; }
  }

  function write(name, kept) {
    if (kept.length) { sessionStorage.setItem(name, JSON.stringify(kept)); } else { sessionStorage.removeItem(name); }
  }

  // Where something was saved, as the address says, what was sent with it isn't put back; where it was refused it is.
  function settle(isSaved) {
    names().forEach(function (name) {
      write(name, read(name).filter(function (each) { return !(isSaved && each.sent); }).map(function (each) {
        each.sent = false;
        return each;
      }));
    });
  }

  function putBack() {
    var found = read(here()).filter(function (each) { return each.who === who(); });
    var count = found.filter(function (each) { return window.keep.putBack(live(), each); }).length;
    document.getElementById("unsaved").hidden = !count;
  }

  function keep() {
    if (leaving || !here() || !live()) { return; }
    write(here(), window.keep.typedIn(live()).map(function (each) {
      each.who = who(); each.sent = each.place.form === sent;
      return each;
    }));
  }

  function quietly(what) { return function () { try { what(); } catch (error) { /* this browser keeps nothing */ } }; }

  document.addEventListener("submit", function (event) {
    if (event.target.getAttribute("action") === "/sign-out") { leaving = true; quietly(forget)(); return; }
    sent = window.keep.nameOf(event.target);
  });
  document.addEventListener("input", quietly(function () {
    var told = document.getElementById("unsaved");
    if (told && !told.hidden) { told.hidden = !window.keep.typedIn(live()).length; }
  }));
  window.addEventListener("pagehide", quietly(keep));
  window.addEventListener("pageshow", function () { sent = ""; });

  quietly(function () {
    if (document.body.classList.contains("at-sign-in")) { forget(); return; }
    settle(new URLSearchParams(location.search).has("done"));
    if (here() && live()) { putBack(); }
  })();
})();
