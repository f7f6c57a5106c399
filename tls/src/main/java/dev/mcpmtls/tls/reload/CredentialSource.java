// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import dev.mcpmtls.identity.Credential;

/** Where the credential to present comes from. Thread-safe. */
public interface CredentialSource {

    /** The credential for the next handshake: the last good one, never blocking, never missing. */
    Credential current();

    /**
     * Calls {@code listener} after each change of {@link #current}, on the thread that made the change.
     *
     * @return closing it ends the calls
     */
    Subscription onChange(Runnable listener);

    /** Ends the calls to a listener. */
    @FunctionalInterface
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    /** One credential for the life of the process. */
    static CredentialSource fixed(Credential credential) {
        return new ReplaceableCredential(credential);
    }
}
