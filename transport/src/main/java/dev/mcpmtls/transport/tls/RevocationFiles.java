// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import dev.mcpmtls.trust.ChainVerifier;
import java.nio.file.Path;
import java.util.List;

/** The CRLs and the deny list of one verifier's policy and their files. */
record RevocationFiles(ChainVerifier verifier, List<Path> locations) implements TrustFiles.Source {

    @Override
    public String name() {
        return "revocation data " + locations;
    }

    @Override
    public boolean takeIntoUse() {
        return verifier.policy().revocation().reload();
    }
}
