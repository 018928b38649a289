// Narrows the list of who is expected by what is typed to call somebody, and leads through it by arrows.
"use strict";
(function () {
  var WAIT = 200; // milliseconds after a key
  var later = null, asked = 0;

  function given() { return document.getElementById("given"); }
  function rows() { return document.getElementById("expected-rows"); }
  function typed() { return given() && rows() ? given().value.trim() : ""; }

  // Says where the page is to be taken from anew: the list stays as narrow as it is.
  function address() {
    if (!typed()) { return location.pathname + location.search; }
    var asking = new URLSearchParams(location.search);
    asking.set("q", typed());
    return location.pathname + "?" + asking;
  }

  function narrow() {
    var own = ++asked;
    fetch(address(), { cache: "no-store" }).then(function (answer) { return answer.text(); }).then(function (text) {
      var then = new DOMParser().parseFromString(text, "text/html").getElementById("expected-rows");
      if (own !== asked || !then || !rows()) { return; } // more was typed since
      rows().innerHTML = then.innerHTML;
      if (typed()) { document.getElementById("expected").open = true; }
    }).catch(function () { /* the page says when the station is gone */ });
  }

  function step(from, by) {
    var all = Array.prototype.slice.call(rows().querySelectorAll("button"));
    var to = all.indexOf(from) + by;
    if (to < 0) { given().focus(); } else if (all[to]) { all[to].focus(); }
  }

  // Whoever folded the list has it folded until they unfold it, whatever comes.
  function fold() {
    var list = document.getElementById("expected");
    try { if (list && !typed() && sessionStorage.getItem("expected") === "folded") { list.open = false; } } catch (error) { /* not kept */ }
  }

  document.addEventListener("click", function (event) {
    var of = event.target.closest("summary");
    if (!of || of.parentNode.id !== "expected") { return; }
    try { sessionStorage.setItem("expected", of.parentNode.open ? "folded" : "unfolded"); } catch (error) { /* not kept */ }
  });
  document.addEventListener("fresh", fold);

  document.addEventListener("input", function (event) {
    if (event.target !== given() || !rows()) { return; }
    clearTimeout(later);
    later = setTimeout(narrow, WAIT);
  });

  document.addEventListener("keydown", function (event) {
    var by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0, at = document.activeElement;
    if (!by || !rows() || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (at === given() ? by < 0 : !rows().contains(at)) { return; }
    event.preventDefault();
    document.getElementById("expected").open = true;
    step(at, by);
  });

  window.expected = { address: address };
})();
