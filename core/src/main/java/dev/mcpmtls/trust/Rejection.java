// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

/** What is wrong with a peer, as evidence. Each variant belongs to one {@link Reason}. */
public interface Rejection {

    /** The stable code, its rank and its alert. */
    Reason reason();

    /** One sentence with the evidence, for example {@code "the certificate of … ended on 2026-11-21T10:00:00Z"}. */
    String explain();

    /** What to do about it, in one sentence, for example {@code "run 'mcp-mtls cert renew coordinator'"}. */
    String remedy();
}
