// Asks /v1 through the Vercel AI SDK: node asks.mjs WHAT, with ATRIUM_V1 and ATRIUM_KEY.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";

const atrium = createOpenAICompatible({
  name: "atrium",
  baseURL: process.env.ATRIUM_V1,
  apiKey: process.env.ATRIUM_KEY,
  includeUsage: true,
});
const model = atrium("green-1");
const prompt = "Why are leaves green?";

function expect(said) {
  if (!said.includes("Leaves are green because")) throw new Error(said);
}

const weather = tool({
  description: "Say how the weather is in a city.",
  inputSchema: jsonSchema({ type: "object", properties: { city: { type: "string" } } }),
  execute: async ({ city }) => {
    if (city !== "Kyiv") throw new Error(city);
    return "sunny";
  },
});

const ways = {
  async whole() {
    const found = await generateText({ model, prompt });
    expect(found.text);
    if (found.usage.outputTokens !== 12) throw new Error(JSON.stringify(found.usage));
  },
  async stream() {
    const found = streamText({ model, prompt });
    const pieces = [];
    for await (const piece of found.textStream) pieces.push(piece);
    if (pieces.length < 4) throw new Error(pieces.join("|"));
    expect(pieces.join(""));
    const usage = await found.usage;
    if (usage.outputTokens !== 12) throw new Error(JSON.stringify(usage));
  },
  async tools() {
    const found = await generateText({ model, prompt, tools: { weather }, stopWhen: stepCountIs(3) });
    if (found.steps.length !== 2) throw new Error(`${found.steps.length} steps`);
    expect(found.text);
  },
  async vectors() {
    const found = await embedMany({ model: atrium.embeddingModel("green-1"), values: ["a", "b"] });
    if (found.embeddings.length !== 2) throw new Error(JSON.stringify(found.embeddings));
  },
  async error() {
    try {
      await generateText({ model: atrium("grey-0"), prompt, maxRetries: 0 });
    } catch (trouble) {
      if (!trouble.message.includes("grey-0")) throw trouble;
      console.log(trouble.name);
      return;
    }
    throw new Error("it was answered");
  },
};

await ways[process.argv[2]]();
