/** The cure for a server that cannot be reached, whoever named or started it. */
export const REACH_SERVER =
  "Start the server, or correct where it is and as whom to log in: `url`, or what stands for it in the spec or the environment. " +
  "One that was started for this run and has ended is started anew for the next test.";
