// Every read call of the portal's own client against a server, as JSON: node read.mjs http://127.0.0.1:8000
import { CatalogClient, CATALOG_FILTER_EXISTS } from '@backstage/catalog-client';

const address = process.argv[2];
const client = new CatalogClient({ discoveryApi: { getBaseUrl: async () => `${address}/api/catalog` } });
const checkout = 'component:default/checkout';
const names = list => list.map(one => one?.metadata?.name ?? null);
const pages = async request => {
  const found = [];
  for await (const page of client.streamEntities(request)) found.push(names(page));
  return found;
};
const failing = async call => {
  try {
    await call();
    return null;
  } catch (error) {
    return { name: error.name, status: error.response?.status, body: error.body };
  }
};

const there = await client.getEntityByRef(checkout);
const first = await client.queryEntities({ filter: { kind: 'Component' }, orderFields: { field: 'metadata.name', order: 'desc' }, limit: 1 });
const second = await client.queryEntities({ cursor: first.pageInfo.nextCursor, limit: 1 });
const back = await client.queryEntities({ cursor: second.pageInfo.prevCursor, limit: 1 });
const predicate = { $all: [{ kind: 'component' }, { 'spec.type': { $in: ['SERVICE', 'website'] } }] };
const byPredicate = await client.queryEntities({ query: predicate, limit: 1 });
const afterPredicate = await client.queryEntities({ cursor: byPredicate.pageInfo.nextCursor, limit: 1 });
const { items: locations } = await client.getLocations();

const results = {
  whole: there,
  missing: (await client.getEntityByRef('component:default/nowhere')) ?? null,
  byName: (await client.getEntityByName({ kind: 'Component', namespace: 'default', name: 'Checkout' })).metadata.name,
  all: names((await client.getEntities()).items),
  filtered: names((await client.getEntities({ filter: [{ kind: 'Component', 'spec.type': ['service', 'website'] }, { kind: 'group' }] })).items),
  tagged: names((await client.getEntities({ filter: { 'metadata.tags.critical': 'true' } })).items),
  related: names((await client.getEntities({ filter: { 'relations.ownedby': 'group:default/payments' } })).items),
  existing: names((await client.getEntities({ filter: { 'spec.dependsOn': CATALOG_FILTER_EXISTS } })).items),
  fields: (await client.getEntities({ filter: { 'metadata.name': 'checkout' }, fields: ['metadata.name', 'spec.type'] })).items,
  ordered: names((await client.getEntities({ filter: { kind: 'component' }, order: { field: 'metadata.name', order: 'desc' } })).items),
  sliced: names((await client.getEntities({ offset: 1, limit: 2 })).items),
  first: { items: names(first.items), total: first.totalItems, next: 'nextCursor' in first.pageInfo, previous: 'prevCursor' in first.pageInfo },
  second: { items: names(second.items), next: 'nextCursor' in second.pageInfo },
  back: { items: names(back.items), previous: 'prevCursor' in back.pageInfo },
  fullText: names((await client.queryEntities({ fullTextFilter: { term: 'paid', fields: ['metadata.description'] } })).items),
  byPredicate: { items: names(byPredicate.items), total: byPredicate.totalItems },
  afterPredicate: names(afterPredicate.items),
  not: names((await client.queryEntities({ query: { $not: { kind: 'component' } }, orderFields: { field: 'metadata.name', order: 'asc' } })).items),
  absent: names((await client.queryEntities({ query: { kind: 'component', 'metadata.description': { $exists: false } } })).items),
  prefix: names((await client.queryEntities({ query: { 'metadata.name': { $hasPrefix: 'CHECK' } } })).items).sort(),
  contained: names((await client.queryEntities({ query: { 'metadata.tags': { $contains: 'Critical' } } })).items),
  depending: names((await client.queryEntities({ query: { relations: { $contains: { type: 'dependsOn', targetRef: { $in: [checkout] } } } } })).items),
  both: names((await client.queryEntities({ query: { kind: 'component' }, filter: { 'spec.type': 'website' } })).items),
  streamed: (await pages({ filter: { kind: 'component' }, pageSize: 1 })).flat().sort(),
  byRefs: names((await client.getEntitiesByRefs({ entityRefs: [checkout, 'group:default/nobody', 'Group:Payments'] })).items),
  byRefsFiltered: names((await client.getEntitiesByRefs({ entityRefs: [checkout, 'group:default/payments'], filter: { kind: 'group' } })).items),
  byRefsPredicate: names((await client.getEntitiesByRefs({ entityRefs: [checkout, 'group:default/payments'], query: { kind: 'component' } })).items),
  ancestry: await client.getEntityAncestors({ entityRef: checkout }),
  facets: (await client.getEntityFacets({ facets: ['kind', 'spec.type', 'metadata.tags', 'relations.ownedBy'] })).facets,
  facetsFiltered: (await client.getEntityFacets({ facets: ['spec.type'], filter: { kind: 'component' } })).facets,
  facetsPredicate: (await client.getEntityFacets({ facets: ['spec.type'], query: { kind: 'resource' } })).facets,
  locations,
  location: await client.getLocationById(locations[0].id),
  locationOf: await client.getLocationByEntity(checkout),
  locationQuery: await client.queryLocations({ limit: 5 }),
  locationMissing: (await client.getLocationById('nothing')) ?? null,
  valid: await client.validateEntity(there, 'url:https://example.com/a'),
  invalid: await client.validateEntity({ apiVersion: 'backstage.io/v1alpha1', kind: 'Component', metadata: { name: 'a b' }, spec: { type: 'service' } }, 'url:https://example.com/a'),
  badCursor: await failing(() => client.queryEntities({ cursor: 'bm9uc2Vuc2U=' })),
  badPredicate: await failing(() => client.queryEntities({ query: { kind: { $like: 'x' } } })),
  refresh: await failing(() => client.refreshEntity(checkout)),
  removal: await failing(() => client.removeEntityByUid(there.metadata.uid)),
};
process.stdout.write(JSON.stringify(results));
