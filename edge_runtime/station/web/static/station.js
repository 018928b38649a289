// Keeps an open page in step with the station, and gives it keys. Without it every page still works.
"use strict";
(function () {
  var busy = false, again = false, printing = false;

  function showOverlay(on) {
    document.body.classList.toggle("no-overlay", !on);
    var button = document.getElementById("overlay");
    if (button) { button.setAttribute("aria-pressed", on ? "true" : "false"); }
    try { sessionStorage.setItem("overlay", on ? "on" : "off"); } catch (error) { /* kept for this page alone */ }
  }

  function overlayWanted() {
    try { return sessionStorage.getItem("overlay") !== "off"; } catch (error) { return true; }
  }

  function ready() {
    showOverlay(overlayWanted());
    var button = document.getElementById("overlay"), print = document.getElementById("print");
    if (button) { button.onclick = function () { showOverlay(document.body.classList.contains("no-overlay")); }; }
    if (print) { print.onclick = function () { window.print(); }; }
    document.dispatchEvent(new Event("fresh"));
  }

  // Takes the page anew; where what is typed would be lost by it, says so and waits. What is being printed stays.
  function refresh() {
    if (busy || printing) { again = true; return; }
    busy = true; again = false;
    fetch(window.expected.address(), { cache: "no-store" })
      .then(function (answer) {
        if (answer.status === 401) { location.reload(); } // signed out: to the page to sign in
        return answer.text();
      })
      .then(function (text) {
        var fresh = new DOMParser().parseFromString(text, "text/html");
        var now = document.getElementById("live"), then = fresh.getElementById("live");
        if (!now || !then) { return; }
        var wait = window.keep.reasonToWait(now, then);
        document.getElementById("held").hidden = wait !== "typed";
        if (wait || printing) { again = true; return; }
        window.keep.swap(now, then);
        document.body.dataset.state = fresh.body.dataset.state;
        document.title = fresh.title;
        ready();
      })
      .catch(function () { /* the news come again once the station is back */ })
      .then(function () { busy = false; });
  }

  // Only a page in sight listens: a browser has six connections for a station, whatever tabs it has.
  function listen() {
    var source = null, lost = document.getElementById("lost");
    function open() {
      if (source) { return; }
      source = new EventSource("/events");
      source.onopen = function () { lost.hidden = true; };
      source.onerror = function () {
        lost.hidden = false;
        if (source.readyState !== 2) { return; } // else it was refused: signed out, or too many
        close();
        setTimeout(function () { if (!document.hidden) { open(); } }, 5000);
        again = true;
        fetch(location.pathname, { cache: "no-store" }).then(function (answer) {
          if (answer.status === 401) { location.reload(); } else { lost.hidden = true; }
        }).catch(function () { /* it is lost, as the page says */ });
      };
      source.onmessage = function (message) {
        var news = JSON.parse(message.data);
        if (news.state !== document.body.dataset.state) { refresh(); }
      };
    }
    function close() {
      if (source) { source.close(); source = null; }
    }
    if (!window.EventSource) { setInterval(refresh, 2000); return; }
    document.addEventListener("visibilitychange", function () { if (document.hidden) { close(); } else { open(); } });
    window.addEventListener("pagehide", close);
    window.addEventListener("pageshow", function () { if (!document.hidden) { open(); } });
    setInterval(function () { if (again) { refresh(); } }, 1000);
    if (!document.hidden) { open(); }
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    var at = document.activeElement;
    if (at && /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName)) {
      if (event.key === "Escape") { at.blur(); }
      return;
    }
    var key = event.key.toLowerCase(), given = document.getElementById("given");
    if (key === "o") { showOverlay(document.body.classList.contains("no-overlay")); }
    else if (key === "n" && given) { event.preventDefault(); given.focus(); }
    else if (key === "n") { location.href = "/#given"; }
    else if (key === "w") { location.href = "/worklist"; }
  });

  window.addEventListener("beforeprint", function () { printing = true; });
  window.addEventListener("afterprint", function () { printing = false; });

  ready();
  if (location.hash === "#given" && document.getElementById("given")) { document.getElementById("given").focus(); }
  listen();
})();
