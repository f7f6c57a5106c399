// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.cert;

import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.runtime.settings.BadSettingException;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The names that a credential is to have from now on. */
final class OtherNames {

    @Option(
            names = "--san",
            paramLabel = "ID",
            split = ",",
            description = "its names from now on, instead of those it has: DNS names, IP addresses, a SPIFFE ID;"
                    + " the SPIFFE ID that it has stays when none is given")
    private List<String> names = List.of();

    boolean areGiven() {
        return !names.isEmpty();
    }

    Grant replaceIn(Grant grant) {
        if (names.isEmpty()) {
            return grant;
        }
        try {
            List<Identity> given = names.stream().map(SubjectName::parse).toList();
            boolean hasId = given.stream().anyMatch(SpiffeId.class::isInstance);
            Stream<Identity> kept = grant.names().stream().filter(name -> !hasId && name instanceof SpiffeId);
            return grant.withNames(Stream.concat(kept, given.stream()).toList());
        } catch (IllegalArgumentException e) {
            throw new BadSettingException("--san: " + e.getMessage());
        }
    }
}
