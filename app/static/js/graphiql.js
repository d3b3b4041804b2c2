// The page that asks the GraphQL interface by hand: GraphiQL from our own files, with a first question to send.
const place = document.getElementById("graphiql");

const QUESTION = `# What is on the board, newest first. Ctrl-Enter asks.
query Newest($filter: PostingFilter) {
  postings(filter: $filter, sort: newest, first: 10) {
    totalCount
    edges {
      cursor
      node { id title company { name } placeLabel publishedAt }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;

async function ask(question, { headers } = {}) {
  const answer = await fetch(place.dataset.address, {
    method: "POST", body: JSON.stringify(question),
    headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
  });
  return answer.json();
}

ReactDOM.createRoot(place).render(React.createElement(GraphiQL, { fetcher: ask, defaultQuery: QUESTION, shouldPersistHeaders: false }));
