// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.prepare;

import java.lang.reflect.Proxy;
import java.util.Map;

/** Lets a second signal end at once a process that is already stopping; Java by itself would ignore it. */
public final class SecondSignal {

    private static final Map<String, Integer> NUMBERS = Map.of("INT", 2, "TERM", 15);

    private SecondSignal() {}

    /**
     * From now on, a signal ends the process at once, with 128 and the signal's number. By reflection: Java has no other way to receive
     * signals (JEP 260 keeps this one), and javac's warning about it cannot be suppressed.
     */
    public static void halts() {
        NUMBERS.forEach((name, number) -> {
            try {
                Class<?> signal = Class.forName("sun.misc.Signal");
                Class<?> handler = Class.forName("sun.misc.SignalHandler");
                Object halt = Proxy.newProxyInstance(
                        SecondSignal.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                            Runtime.getRuntime().halt(128 + number);
                            return null;
                        });
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), halt);
            } catch (ReflectiveOperationException e) {
                // This platform keeps the signal for itself: it is waited for as before.
            }
        });
    }
}
