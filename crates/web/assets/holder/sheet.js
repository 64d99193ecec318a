// The print button of a printed sheet.
'use strict';
document.getElementById('print').addEventListener('click', function () { print(); });
