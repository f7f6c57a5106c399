// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import dev.mcpmtls.files.Exposure;

/**
 * The outcome of one check.
 *
 * @param step where on the way from the name to the tools
 * @param status how good it is
 * @param fault the kind of failure
 * @param evidence the observation
 * @param remedy the advice; empty when there is none
 */
public record Check(Step step, Status status, Fault fault, String evidence, String remedy) {

    /** The way from the name to the tools. */
    public enum Step {
        /** Our own credential. */
        CREDENTIAL,
        /** The names for which our trust anchors vouch. */
        TRUST_ANCHORS,
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
        /** Whether the server accepts our certificate. */
        VERDICT,
        /** HTTP, and where on the server MCP is. */
        HTTP,
        /** The server's clock against ours. */
        CLOCK,
        /** The server's own words about access tokens (RFC 9728). */
        RESOURCE_METADATA,
        /** The issuer of its tokens (RFC 8414). */
        AUTHORIZATION_SERVER,
        /** How one gets a token there. */
        GRANT,
        /** Our access token. */
        TOKEN,
        /** Era and version. */
        MCP,
        /** The tools that the server offers. */
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

    /** The kind of failure, as the other commands tell them apart. */
    public enum Fault {
        /** It did not fail. */
        NONE,
        /** Our own files cannot be used. */
        UNUSABLE,
        /** There is no server that speaks TLS. */
        UNREACHABLE,
        /** A certificate was refused, or TLS could not be agreed; by either side. */
        REFUSED,
        /** It is no MCP server, or not as it should be. */
        FAILED,
        /** It took too long. */
        TIMED_OUT
    }

    /**
     * The place of our authority's key, where that is not a file.
     *
     * @param where for example {@code the key authority in slot 1 of /usr/lib/softhsm/libsofthsm2.so}
     */
    public static Check signing(String where) {
        return ok(Step.CREDENTIAL, "the authority of the store signs with " + where);
    }

    static Check ok(Step step, String evidence) {
        return new Check(step, Status.OK, Fault.NONE, evidence, "");
    }

    static Check warning(Step step, String evidence, String remedy) {
        return new Check(step, Status.WARNING, Fault.NONE, evidence, remedy);
    }

    /** A failure of the kind that is usual at that step. */
    static Check failed(Step step, String evidence, String remedy) {
        return failed(step, usual(step), evidence, remedy);
    }

    static Check failed(Step step, Fault fault, String evidence, String remedy) {
        return new Check(step, Status.FAILED, fault, evidence, remedy);
    }

    /** A credential that cannot be loaded, so that nothing was tried. */
    public static Check unusable(String why) {
        return failed(Step.CREDENTIAL, Fault.UNUSABLE, why, "");
    }

    /** A file or directory that trust depends on and that others could have written. */
    public static Check exposed(Exposure exposure) {
        return warning(Step.CREDENTIAL, exposure.path() + ": " + exposure.why(), exposure.remedy());
    }

    private static Fault usual(Step step) {
        return switch (step) {
            case NAME, TCP -> Fault.UNREACHABLE;
            case CREDENTIAL, TRUST_ANCHORS, TLS, SERVER_CERTIFICATE, CLIENT_CERTIFICATE, VERDICT, TOKEN ->
                Fault.REFUSED;
            case HTTP, CLOCK, RESOURCE_METADATA, AUTHORIZATION_SERVER, GRANT, MCP, TOOLS -> Fault.FAILED;
        };
    }
}
