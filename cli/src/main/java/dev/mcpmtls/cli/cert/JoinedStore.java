// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.cert;

import dev.mcpmtls.authority.RenewalSource;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import java.util.List;
import java.util.Optional;

/** Stores without an authority of their own, whose credentials came from one on another machine. */
public final class JoinedStore {

    private JoinedStore() {}

    /** Refuses a store without an authority, and says where that is. */
    public static void requireAuthority(Store store) {
        if (!store.hasAuthority()) {
            refuse(store);
        }
        store.requireAuthority();
    }

    /** Refuses what takes an authority, and says where that is; does nothing in a store without a credential from elsewhere. */
    static void refuse(Store store) {
        for (String name : store.credentialNames()) {
            Optional<RenewalSource> source = store.renewalSource(name);
            if (source.isPresent()) {
                throw new Failure(
                        ExitCode.USAGE,
                        List.of(
                                "the authority of " + store.directory() + " is on another machine: the credential '"
                                        + name + "' renews at "
                                        + source.get().est() + " by itself",
                                "its operator issues and revokes, and 'mcp-mtls join' brings another credential;"
                                        + " an authority of your own needs another --dir"));
            }
        }
    }
}
