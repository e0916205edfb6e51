// Which Kettle this is: the version, and a checksum of all that decides how a run
// goes. The build puts it in; without a build there is only the version.

declare const KETTLE_BUILD: string | undefined;

export const VERSION = typeof KETTLE_BUILD === "string"
  ? KETTLE_BUILD
  : "1.0.0";
