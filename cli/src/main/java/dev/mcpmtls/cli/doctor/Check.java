// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.doctor;

/**
 * One thing that was looked at.
 *
 * @param step where on the way from the name to the tools
 * @param status how it is
 * @param evidence what was seen
 * @param remedy what to do; empty when nothing
 */
public record Check(Step step, Status status, String evidence, String remedy) {

    /** The way from the name to the tools. */
    public enum Step {
        /** Our own credential. */
        CREDENTIAL,
        /** From the name to an address. */
        NAME,
        /** The TCP connection. */
        TCP,
        /** Version, cipher suite and group. */
        TLS,
        /** The server's chain, its name and its validity. */
        SERVER_CERTIFICATE,
        /** Whether it asks for a certificate, and for one like ours. */
        CLIENT_CERTIFICATE,
        /** What the server says about our certificate. */
        VERDICT,
        /** HTTP, and where on the server MCP is. */
        HTTP,
        /** The server's clock against ours. */
        CLOCK,
        /** Era and version. */
        MCP,
        /** What the server offers. */
        TOOLS;

        /** As it is printed, for example {@code server certificate}. */
        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        }
    }

    /** How something is, best first. */
    public enum Status {
        /** As it should be. */
        OK,
        /** It works, and something about it is unusual. */
        WARNING,
        /** It does not work. */
        FAILED
    }

    static Check ok(Step step, String evidence) {
        return new Check(step, Status.OK, evidence, "");
    }

    static Check warning(Step step, String evidence, String remedy) {
        return new Check(step, Status.WARNING, evidence, remedy);
    }

    static Check failed(Step step, String evidence, String remedy) {
        return new Check(step, Status.FAILED, evidence, remedy);
    }
}
