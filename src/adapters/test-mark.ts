/** A table, or in Redis a key, of this name says that what is in a database may be written to. */
export const TEST_MARK = "explore_test_database";
