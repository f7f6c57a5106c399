// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.audit.AuditSink;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A process that initialises a store and then changes it until it is killed. Its clock is some days ahead, so that the journal
 * has expired certificates to remove.
 */
final class StoreWriter {

    private StoreWriter() {}

    /** The arguments are the store's directory and the number of days. */
    public static void main(String[] arguments) {
        Surroundings surroundings = ahead(Integer.parseInt(arguments[1]));
        Store store = Store.at(Path.of(arguments[0]));
        System.out.println("started");
        Initialisation.run(
                store,
                AuthorityProfile.standard("demo.local"),
                KeyType.EC_P256,
                FixedSurroundings.GRANTS,
                Optional.empty(),
                surroundings);
        System.out.println("initialised");
        Authority authority = Authority.open(store, Optional.empty(), surroundings);
        Random random = new Random();
        List<String> names = FixedSurroundings.GRANTS.stream().map(Grant::name).toList();
        while (true) {
            String name = names.get(random.nextInt(names.size()));
            if (random.nextInt(10) == 0) {
                unlessRefused(() -> authority.revoke(name, RevocationReason.SUPERSEDED));
            }
            authority.rekey(name);
            unlessRefused(() -> authority.renew(names.get(random.nextInt(names.size()))));
        }
    }

    static Surroundings ahead(int days) {
        InstantSource clock = InstantSource.offset(InstantSource.system(), Duration.ofDays(days));
        return new Surroundings(clock, new SecureRandom(), AuditSink.none());
    }

    /** Ignores refusals, because another writer may just have revoked the same certificate. */
    private static void unlessRefused(Runnable act) {
        try {
            act.run();
        } catch (AuthorityException.Refused e) {
            System.out.println(e.getMessage());
        }
    }
}
