(function () {
  'use strict';
  const root = document.documentElement;
  const specs = JSON.parse(document.getElementById('figures').textContent);
  const places = Array.from(document.querySelectorAll('[data-figure]')).filter(function (place) {
    const isThere = Object.prototype.hasOwnProperty.call(specs, place.dataset.figure);
    if (!isThere) place.remove(); // what could not be computed has no figure
    return isThere;
  });
  let drawn = 0;
  root.dataset.figures = '0 of ' + places.length;
  if (typeof vega === 'undefined' || typeof vegaLite === 'undefined') return;

  function draw(place) {
    if (place.dataset.state) return Promise.resolve();
    place.dataset.state = 'drawing';
    const compiled = vegaLite.compile(specs[place.dataset.figure]);
    const view = new vega.View(vega.parse(compiled.spec), { renderer: 'svg', container: place, hover: true });
    view.tooltip(function (handler, event, item, value) {
      place.title = value == null ? '' : typeof value === 'object'
        ? Object.entries(value).map(function (pair) { return pair[0] + ': ' + pair[1]; }).join('\n') : String(value);
    });
    return view.runAsync().then(function () {
      place.dataset.state = 'drawn';
      place.querySelector('svg').setAttribute('role', 'img');
      place.querySelector('svg').setAttribute('aria-label', specs[place.dataset.figure].description);
      drawn += 1;
      root.dataset.figures = drawn + ' of ' + places.length;
    });
  }

  // One after the other, so that the page can be read while the last ones are drawn.
  places.reduce(function (before, place) { return before.then(function () { return draw(place); }); }, Promise.resolve());
})();
