// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.remedy;

import java.nio.file.Path;
import java.util.Optional;

/**
 * An act on a credential, on a server or on a store.
 *
 * @param credential its name, or that of the server; empty when the act is on the store, or when the name is not known here
 * @param store the directory of the store, where it has to be named
 */
public record Act(Verb verb, String credential, Optional<Path> store) {

    /** The kinds of acts. */
    public enum Verb {
        /** Issue the certificate again, for the same key. */
        RENEW,
        /** Issue the certificate again, for a new key. */
        REKEY,
        /** Issue a new credential of any purpose. */
        ISSUE,
        /** Issue a new credential for a client. */
        ISSUE_FOR_CLIENT,
        /** Issue a new credential for a server. */
        ISSUE_FOR_SERVER,
        /** Make a store with an authority and its first credentials. */
        INITIALISE,
        /** Replace the authority step by step. */
        ROLL_OVER,
        /** Prepare the authority that replaces the present one. */
        PREPARE_ROLLOVER,
        /** Show how far the replacement of the authority is. */
        SHOW_ROLLOVER,
        /** List the certificates that the authority issued. */
        LIST_CERTIFICATES,
        /** Get a credential over the network with an invitation. */
        JOIN,
        /** Withdraw an invitation. */
        WITHDRAW_INVITATION,
        /** List the invitations of machines. */
        LIST_INVITATIONS,
        /** Show a certificate with its pin. */
        SHOW,
        /** List the settings. */
        LIST_SETTINGS,
        /** Show the tools of a server that differ from those that were pinned. */
        SHOW_PINS,
        /** Show by which access rules a call is decided. */
        EXPLAIN_CALL,
        /** Accept unverified peers from the network. */
        RELAX_ON_NETWORK
    }

    /** An act on a credential of the store in use. */
    public static Act on(Verb verb, String credential) {
        return new Act(verb, credential, Optional.empty());
    }

    /** An act on the store in use, or on a credential of unknown name. */
    public static Act of(Verb verb) {
        return on(verb, "");
    }

    /** The same act in a store of that directory. */
    public Act in(Path directory) {
        return new Act(verb, credential, Optional.of(directory));
    }
}
