select ratebook.take_schema(
  'billing',
  'From money to credits: rates, margins, and the price of a usage in credits.'
);
