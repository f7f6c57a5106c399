// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import dev.mcpmtls.trust.ChainVerifier;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Collectors;

/** The CRLs and the deny list of one verifier's policy and their files. */
record RevocationFiles(ChainVerifier verifier, List<Path> locations, InstantSource clock) implements TrustFiles.Source {

    @Override
    public String name() {
        return "revocation data " + locations;
    }

    @Override
    public String contents() {
        return verifier.policy().revocationStandings(clock.instant()).stream()
                .map(list -> "the list of " + list.issuer()
                        + list.nextUpdate().map(next -> ", next update " + next).orElse("")
                        + list.unusable().map(why -> ", not usable: " + why).orElse(""))
                .collect(Collectors.joining("; "));
    }

    @Override
    public boolean takeIntoUse() {
        return verifier.policy().revocation().reload();
    }
}
