// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.trust.Assurance;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Callers that are asked about by name. */
public final class Callers {

    private Callers() {}

    /**
     * A caller of one or more names, separated by spaces or commas: {@code spiffe://…}, {@code dns:…}, {@code ip:…}, {@code pin:sha256/…}.
     *
     * @param assurance verified when it is empty; pinned when there is nothing but a pin
     * @throws IllegalArgumentException when one of them is none; the message says what to write
     */
    public static Caller named(String text, Optional<Assurance> assurance) {
        List<Identity> names = new ArrayList<>();
        for (String name : text.strip().split("[\\s,]+", -1)) {
            names.add(name(name));
        }
        boolean pinsOnly = names.stream().allMatch(PublicKeyPin.class::isInstance);
        return Caller.named(names, assurance.orElse(pinsOnly ? Assurance.PINNED : Assurance.VERIFIED));
    }

    private static Identity name(String text) {
        if (text.startsWith("spiffe://")) {
            return SpiffeId.parse(text);
        }
        if (text.startsWith("dns:")) {
            return DnsName.parse(text.substring(4));
        }
        if (text.startsWith("pin:")) {
            return PublicKeyPin.parse(text.substring(4));
        }
        if (text.startsWith("ip:") && text.indexOf('/') < 0) {
            NamePattern.parse(text); // says what is wrong with it
            return IpAddress.parse(text.substring(3));
        }
        throw new IllegalArgumentException(
                "not a name of a peer: " + Printable.quote(text) + "\nbegin it with spiffe://, dns:, ip: or pin:");
    }
}
