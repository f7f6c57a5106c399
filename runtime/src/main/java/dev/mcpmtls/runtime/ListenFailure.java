// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.transport.server.http.ListenAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The reason why a server cannot listen on an address, in plainer words than the system's.
 *
 * @param why the cause
 * @param remedy the advice, besides choosing another address
 */
record ListenFailure(String why, String remedy) {

    /**
     * The failure of a server to listen.
     *
     * @param who for example {@code the echo server}
     * @param key the setting that says where
     */
    static SetupException of(String who, ListenAddress at, String key, Throwable thrown) {
        ListenFailure failure = of(thrown);
        return new SetupException.NoAddress(
                who + " cannot listen on " + at + ": " + failure.why + "; " + failure.remedy
                        + "choose another address (" + Remedy.ofKey(key) + ")",
                thrown);
    }

    private static ListenFailure of(Throwable thrown) {
        List<Throwable> causes =
                Stream.iterate(thrown, Objects::nonNull, Throwable::getCause).toList();
        Throwable root = causes.get(causes.size() - 1);
        String told = String.valueOf(root.getMessage()).toLowerCase(Locale.ROOT);
        if (causes.stream().anyMatch(UnknownHostException.class::isInstance)) {
            return new ListenFailure("there is no address for that name", "correct the name, or ");
        }
        if (told.contains("in use")) {
            return new ListenFailure("another server or program listens there", "stop it, or ");
        }
        if (told.contains("permission denied")) {
            return new ListenFailure("this user may not listen on that port", "take a port above 1023, or ");
        }
        return told.contains("cannot assign")
                ? new ListenFailure("this machine has no such address", "")
                : new ListenFailure(String.valueOf(root.getMessage()), "");
    }
}
