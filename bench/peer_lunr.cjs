// SPDX-License-Identifier: Apache-2.0
// Backstage's search with Lunr: each word exactly, as a beginning, and within two edits, as its engine asks.
//     node bench/peer_lunr.cjs FOLDER_WITH_NODE_MODULES CORPUS.json PASSAGES
const fs = require('fs');
const path = require('path');

const lunr = require(path.join(process.argv[2], 'node_modules', 'lunr'));
const { texts, queries } = JSON.parse(fs.readFileSync(process.argv[3], 'utf8'));

const index = lunr(function build() {
  this.ref('location');
  this.field('text');
  this.metadataWhitelist = ['position'];
  texts.slice(0, Number(process.argv[4])).forEach((text, n) => this.add({ location: String(n), text }));
});

const taken = queries.map(query => {
  const begun = process.hrtime.bigint();
  const words = lunr.tokenizer(query);
  index.query(q => {
    q.term(words, { usePipeline: true, boost: 100 });
    q.term(words, { usePipeline: false, boost: 10, wildcard: lunr.Query.wildcard.TRAILING });
    q.term(words, { usePipeline: false, editDistance: 2, boost: 1 });
  });
  return Number(process.hrtime.bigint() - begun) / 1e6;
});
console.log(JSON.stringify({ peer: "Backstage's engine, Lunr, words only", ms: taken.slice(10) }));
