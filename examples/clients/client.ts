// A shop's calls to purvey with fetch: Node.js 22.18 or newer runs this file as it is.
//   node client.ts [URL] [USER]      PURVEY_KEY=... where the server asks for a key

// Of the shapes in /v1/openapi.json, what is used here.
type Gate = "excluded" | "in_cart" | "not_known_yet" | "filter" | "not_in_assortment" | "discontinued" | "out_of_stock" | "bought_before" | "never_bought";

interface Reason {
  code: string;
  contribution: number;
  text: string | null;
}

interface Product {
  name: string | null;
  category: string | null;
  price: number | null;
  discount: number | null;
}

interface Item {
  item: string;
  rank: number | null;
  kind: "new" | "reorder";
  product: Product;
  score: number;
  reasons: Reason[];
}

interface Recommendations {
  user: string | null;
  as_of: string | null;
  source: "personal" | "metadata" | "popular_in_segment" | "popular";
  fallback: string | null;
  filtered: Partial<Record<Gate, number>>;
  items: Item[];
}

interface RecommendQuestion {
  user?: string;
  n?: number;
  mode?: "mixed" | "new" | "reorder";
  explain?: "none" | "top3" | "full";
}

interface PurchaseEvent {
  event_id: string;
  type: "purchase" | "return";
  user: string;
  item: string;
  time: string;
  order?: string;
  quantity?: number;
}

interface ItemChange {
  item: string;
  price?: number | null;
  stock?: number | null;
}

interface EventResults {
  results: { event_id: string | null; status: "accepted" | "duplicate" | "rejected"; error: ErrorDetail | null }[];
}

interface ErrorDetail {
  code: string;
  message: string;
  field: string | null;
}

interface Ready {
  model: string;
  warnings: string[];
}

declare const process: { argv: string[]; env: Record<string, string | undefined>; exitCode: number };

class Purvey {
  private readonly url: string;
  private readonly headers: Record<string, string>;

  constructor(url: string, key?: string) {
    this.url = url;
    this.headers = { "Content-Type": "application/json", ...(key ? { "X-API-Key": key } : {}) };
  }

  private async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.url + path, {
      method,
      headers: this.headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    // An error is {"error": ErrorDetail}, but from whatever answered before purvey perhaps not.
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  ready = () => this.ask<Ready>("GET", "/v1/health/ready");
  recommend = (question: RecommendQuestion) => this.ask<Recommendations>("POST", "/v1/recommend", question);
  send = (events: PurchaseEvent[]) => this.ask<EventResults>("POST", "/v1/events", events);
  changeItems = (changes: ItemChange[]) => this.ask<EventResults>("PUT", "/v1/items:batch", changes);
}

function print(answer: Recommendations): void {
  for (const item of answer.items) {
    console.log(`${item.rank}. ${item.product.name ?? item.item}`);
    for (const reason of item.reasons) console.log(`   ${reason.contribution.toFixed(2)}  ${reason.text}`);
  }
}

/** How many products were left out because of this. */
const leftOut = (answer: Recommendations, gate: Gate): number => answer.filtered[gate] ?? 0;

function first(answer: Recommendations): string {
  const item = answer.items[0];
  if (item === undefined) throw new Error(`nothing to recommend: ${JSON.stringify(answer.filtered)}`);
  return item.item;
}

async function main(url = "http://127.0.0.1:8080", user = "AW00000047"): Promise<void> {
  const purvey = new Purvey(url, process.env["PURVEY_KEY"]);
  console.log(`ready, with model ${(await purvey.ready()).model}`);

  const question: RecommendQuestion = { user, mode: "new", n: 3 };
  let before = await purvey.recommend(question);
  print(before);

  // The customer buys the first one. `time` is when it happened; here it is just after what the example's data knows.
  let item = first(before);
  const time = before.as_of ?? new Date().toISOString();
  const order = crypto.randomUUID();
  const sent = await purvey.send([{ event_id: `line-${order}`, type: "purchase", user, item, time, order, quantity: 2 }]);
  console.log(`purchase of ${item}: ${sent.results[0]?.status}`);
  let answer = await purvey.recommend(question);
  console.log(`bought before: ${leftOut(before, "bought_before")}, now ${leftOut(answer, "bought_before")}`);

  // The next one is sold out.
  before = answer;
  item = first(before);
  const changed = await purvey.changeItems([{ item, stock: 0 }]);
  console.log(`no stock of ${item}: ${changed.results[0]?.status}`);
  answer = await purvey.recommend(question);
  console.log(`out of stock: ${leftOut(before, "out_of_stock")}, now ${leftOut(answer, "out_of_stock")}`);
}

main(...process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
