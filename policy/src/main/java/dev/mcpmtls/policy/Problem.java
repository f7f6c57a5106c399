// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

/**
 * Something wrong with a file, or a rule that does not do what its writer meant.
 *
 * @param severity an error keeps the file from being used, a warning does not
 * @param at where
 * @param cause one clause, for example {@code unknown key 'pears'}
 * @param remedy the action to take, for example {@code did you mean 'peers'?}; may be empty
 */
public record Problem(Severity severity, Location at, String cause, String remedy) {

    /** How bad it is. */
    public enum Severity {
        /** The file cannot be used. */
        ERROR,
        /** The file can be used. */
        WARNING
    }

    /**
     * A place in a file.
     *
     * @param file as it was named
     * @param line the first is 1; 0 when it is about the file as a whole
     * @param column the first is 1
     */
    public record Location(String file, int line, int column) {

        static Location of(String file) {
            return new Location(file, 0, 0);
        }

        /** For example {@code policy.yaml:7:5}. */
        @Override
        public String toString() {
            return line == 0 ? file : file + ":" + line + ":" + column;
        }
    }

    /** An error whose message holds the cause and, after a line break, the remedy. */
    static Problem error(Location at, String message) {
        return of(Severity.ERROR, at, message);
    }

    /** A warning whose message holds the cause and, after a line break, the remedy. */
    static Problem warning(Location at, String message) {
        return of(Severity.WARNING, at, message);
    }

    private static Problem of(Severity severity, Location at, String message) {
        int end = message.indexOf('\n');
        return end < 0
                ? new Problem(severity, at, message, "")
                : new Problem(severity, at, message.substring(0, end), message.substring(end + 1));
    }

    /** The place and the cause; then the remedy on a line of its own. */
    @Override
    public String toString() {
        return at + ": " + cause + (remedy.isEmpty() ? "" : "\n  " + remedy);
    }
}
