// TypeScript to JavaScript, one file at a time, by esbuild: the native one or
// the one in WebAssembly, whoever calls has it. Knows only the shape of
// esbuild's answers, so that the rest of the compiler does not.

/** JavaScript with its source map, or what is wrong and where. */
export type Transformed =
  | { code: string; map: string }
  | { problems: Problem[] };

/** Lines count from 1, columns from 0. */
export interface Problem {
  text: string;
  line: number;
  column: number;
}

export type Transform = (
  source: string,
  options: { path: string },
) => Promise<Transformed>;

/** The part of esbuild's interface that is used: native and WebAssembly have it. */
export interface Esbuild {
  transform(
    source: string,
    options: Record<string, unknown>,
  ): Promise<{ code: string; map: string }>;
}

const OPTIONS = {
  loader: "ts",
  format: "esm",
  target: "es2022",
  sourcemap: "external",
  charset: "utf8",
  logLevel: "silent",
  tsconfigRaw: "{}",
};

/** A transform that asks this esbuild. */
export function transformWith(esbuild: Esbuild): Transform {
  return async (source, { path }) => {
    try {
      const options = { ...OPTIONS, sourcefile: path };
      const { code, map } = await esbuild.transform(source, options);
      return { code, map };
    } catch (error) {
      return { problems: problemsOf(error) };
    }
  };
}

interface Failure {
  errors?: {
    text: string;
    location: { line: number; column: number } | null;
  }[];
}

function problemsOf(error: unknown): Problem[] {
  const { errors } = error as Failure;
  if (errors === undefined || errors.length === 0) throw error;
  return errors.map(({ text, location }) => ({
    text,
    line: location?.line ?? 1,
    column: location?.column ?? 0,
  }));
}
