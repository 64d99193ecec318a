// The print button of a printed sheet; before the first sheet there is none.
'use strict';
(function () {
  const button = document.getElementById('print');
  if (button) { button.addEventListener('click', function () { print(); }); }
}());
