// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.cert;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Passphrase;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.cli.invocation.PassphraseOption;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import java.util.Optional;

/** A credential that a command needs and that the authority of the store issues on the way. */
public final class MissingCredential {

    private MissingCredential() {}

    /** Issues it, with the lifetime and the type of key that the settings say, unless it is there by now. */
    public static void issue(Settings settings, Grant grant, PassphraseOption passphrase, AuditLog audit) {
        Store store = Store.at(settings.get(Keys.DIR));
        Optional<Passphrase> secret = passphrase.read();
        try (Authority authority = Authority.open(store, secret, Surroundings.system(audit))) {
            var unused = authority.issueIfMissing(
                    grant.withLifetime(settings.get(Keys.LEAF_LIFETIME)), settings.get(Keys.AUTHORITY_KEY));
        } finally {
            secret.ifPresent(Passphrase::close);
        }
    }
}
