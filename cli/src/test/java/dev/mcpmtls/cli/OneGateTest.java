// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.mcpmtls.cli.console.Console;
import java.io.FileDescriptor;
import java.io.PrintStream;
import java.io.PrintWriter;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** Nothing of ours prints but through {@link Console}, in whichever module it is. */
@AnalyzeClasses(
        packages = "dev.mcpmtls",
        importOptions = {ImportOption.DoNotIncludeTests.class, OneGateTest.WithoutTheTestKit.class})
class OneGateTest {

    private static final DescribedPredicate<JavaClass> THE_GATE =
            describe("the gate", type -> type.getName().startsWith(Console.class.getName()));

    private static final DescribedPredicate<JavaAccess<?>> PRINTS =
            describe("prints", access -> isStream(access) || isPrinter(access));

    @ArchTest
    static final ArchRule nothingElsePrints = noClasses()
            .that(DescribedPredicate.not(THE_GATE))
            .should()
            .accessTargetWhere(PRINTS)
            .because("text from peers reaches the terminal through Console alone, which cleans it");

    /** Certificates for tests are made by programs of their own. */
    static final class WithoutTheTestKit implements ImportOption {
        @Override
        public boolean includes(com.tngtech.archunit.core.importer.Location location) {
            return !location.contains("testkit");
        }
    }

    private static boolean isStream(JavaAccess<?> access) {
        return access.getTargetOwner().isEquivalentTo(System.class)
                        && (access.getName().equals("out")
                                || access.getName().equals("err")
                                || access.getName().equals("setOut")
                                || access.getName().equals("setErr")
                                || access.getName().equals("console"))
                || access.getTargetOwner().isEquivalentTo(FileDescriptor.class);
    }

    private static boolean isPrinter(JavaAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        return owner.isAssignableTo(PrintStream.class)
                || owner.isAssignableTo(PrintWriter.class)
                || owner.isAssignableTo(java.io.Console.class)
                || access.getName().equals("printStackTrace");
    }

    @Test
    void findsThosePrinting() {
        for (Class<?> printing : new Class<?>[] {PrintsALine.class, PrintsAStack.class, Describes.class}) {
            Assertions.assertThat(nothingElsePrints
                            .evaluate(new ClassFileImporter().importClasses(printing))
                            .hasViolation())
                    .isEqualTo(printing != Describes.class);
        }
    }

    static final class PrintsALine {
        void print() {
            System.out.println("past the gate");
        }
    }

    static final class PrintsAStack {
        void print(Exception e) {
            e.printStackTrace();
        }
    }

    static final class Describes {
        String text(Exception e) {
            return e.toString();
        }
    }
}
